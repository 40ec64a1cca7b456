import { readdirSync } from "node:fs";
import path from "node:path";

/**
 * The specs, by their paths below `spec/`, whose path contains one of the words; all without words.
 *
 * @throws Error when there is none for a word
 */
export function chosenSpecs(words: readonly string[]): readonly string[] {
  // Sources are what is listed: what was compiled from a spec that is gone may still lie in `dist/`.
  const all = readdirSync("spec", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".spec.ts"))
    .toSorted();
  const unmatched = words.filter((word) => !all.some((name) => name.includes(word)));
  if (unmatched.length > 0) throw new Error(`no spec matches ${unmatched.join(", ")}`);
  return all.filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
}

/** Where a spec's compiled file is. */
export function compiled(spec: string): string {
  return path.join("dist/spec", spec.replace(/ts$/, "js"));
}

/** The same list in the order that the seed decides: no spec may live on what another one leaves. */
export function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const draw = numbers(seed);
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** Numbers from 0 to 1 that the seed decides (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
