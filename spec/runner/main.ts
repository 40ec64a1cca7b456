/** Runs the specs: all, or those whose path contains one of the given words. See `options.ts`. */
import { prepareMachine } from "../testbed/prepare.js";
import { exclusive } from "./exclusive.js";
import { Lane } from "./lane.js";
import type { SpecResult } from "./messages.js";
import { optionsOf } from "./options.js";
import { chosenSpecs, shuffled } from "./order.js";
import { failures, lineOf, summary } from "./report.js";
import { notAllowed } from "./skips.js";

/** Those that have not ended, which end with this process and are to leave nothing. */
const lanesNow = new Set<Lane>();
let isInterrupted = false;
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    isInterrupted = true;
    for (const lane of lanesNow) void lane.close();
  });
}
process.exit(
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }),
);

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  const { words, seed, verbose } = options;
  const specs = shuffled(chosenSpecs(words), seed);
  await prepareMachine();
  const lanes = Math.min(options.lanes, specs.length);
  console.log(`${specs.length} spec files on ${lanes} lanes; the same order again: --seed ${seed}`);
  const begun = performance.now();
  const results: SpecResult[] = [];
  const before = new Map<string, readonly string[]>();
  const env = { ...process.env, CONFSIG_SEED: String(seed) };
  const runIn = async (lane: Lane, queue: string[]) => {
    while (!isInterrupted && !lane.hasEnded) {
      const spec = queue.shift();
      if (spec === undefined) return;
      before.set(spec, [...lane.before]);
      const result = await lane.run(spec);
      if (isInterrupted) return;
      results.push(result);
      console.log(lineOf(result, verbose));
    }
  };
  const drain = async (queue: string[], network: "own" | "machine") => {
    // Where a spec has ended its lane, the others run in a new one.
    while (queue.length > 0 && !isInterrupted) {
      const lane = new Lane(env, network);
      lanesNow.add(lane);
      await runIn(lane, queue);
      await lane.close();
      lanesNow.delete(lane);
    }
  };
  const shared = specs.filter((spec) => !exclusive.has(spec));
  const alone = specs.filter((spec) => exclusive.has(spec));
  await Promise.all(Array.from({ length: lanes }, () => drain(shared, "own")));
  await drain(alone, "machine");
  const skips = notAllowed(results);
  for (const line of failures(results, before)) console.log(line);
  if (skips.length > 0) console.log(`skipped without leave:\n  ${skips.join("\n  ")}`);
  for (const line of summary(results, lanes, performance.now() - begun)) console.log(line);
  const missing = specs.length - results.length;
  if (missing > 0) console.log(`interrupted: ${missing} spec files were not run to their end`);
  return results.some(({ failed }) => failed > 0) || skips.length + missing > 0 ? 1 : 0;
}
