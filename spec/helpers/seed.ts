/** One seed decides what the specs of a run sample and generate: `npm test -- --seed N`. */
import { createHash } from "node:crypto";
import { numbers } from "../runner/order.js";

export const seed = Number(process.env.CONFSIG_SEED ?? 1);

/** Whether all is run of which an ordinary run only samples: `npm run soak`. */
export const isWhole = process.env.CONFSIG_LONG !== undefined;

/** Whole numbers from 0 on and below what is asked for, drawn by the seed. */
export function draws(): (below: number) => number {
  const draw = numbers(seed);
  return (below) => Math.floor(draw() * below);
}

/** One of the list, drawn by the seed and the name of what it is for; all of them where all is run. */
export function sampled<T>(list: readonly T[], name: string): readonly T[] {
  if (isWhole || list.length === 0) return list;
  const hash = createHash("sha256").update(`${seed} ${name}`).digest();
  const at = hash.readUInt32LE(0) % list.length;
  return list.slice(at, at + 1);
}
