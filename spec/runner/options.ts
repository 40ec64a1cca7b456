import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Lane } from "./lane.js";

/** What `npm test -- …` was asked for. */
export interface RunnerOptions {
  /** Parts of the paths of the specs to run; all without. */
  readonly words: readonly string[];
  /** Decides the order, what is sampled, and what generators make. */
  readonly seed: number;
  readonly lanes: number;
  /** Whether all tests are listed, and not the failed ones alone. */
  readonly verbose: boolean;
}

const usage = "usage: npm test -- [--seed N] [--lanes N] [--verbose] [WORD…]";

/** @throws Error with the usage */
export function optionsOf(words: readonly string[]): RunnerOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        seed: { type: "string" },
        lanes: { type: "string" },
        verbose: { type: "boolean", default: false },
      },
    });
    const most = Lane.isolated ? availableParallelism() : 1;
    return {
      words: positionals,
      seed: numberOf(values.seed, 0) ?? randomInt(1, 2 ** 31),
      lanes: Math.min(numberOf(values.lanes, 1) ?? most, Lane.isolated ? 64 : 1),
      verbose: values.verbose,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function numberOf(text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) < 2 ** 31) {
    return Number(text);
  }
  throw new Error(`${text} is not a whole number from ${least} on`);
}
