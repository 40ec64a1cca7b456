/** The sorts of values that flags have: as a person writes them, and as the program has them. */
import { z } from "zod";
import { shareIn, shareSchema } from "../share.js";
import type { Sort } from "./flag.js";

/** A flag that is on or off. */
export const toggle = { schema: z.boolean() };

/** Any word. */
export const text = { schema: z.string() };

/** Words, one each time that the flag is said. */
export const words = {
  schema: z.array(z.string()).readonly(),
  read: (word: string, before: unknown) => [...(before as readonly string[]), word], // what this made
};

/** One of these words. */
export function oneOf<const W extends readonly string[]>(choices: W): Sort<z.ZodType<W[number]>> {
  return { schema: z.enum(choices), choices };
}

/** The path of a file, from the root on. */
export const absolutePath = {
  schema: z.string().regex(/^\/[^\0]*[^/\0]$/),
  expected: "expected an absolute path",
};

/** How many, or how often. */
export const whole = {
  schema: z.int().min(0).max(999),
  read: (word: string) => (/^\d{1,3}$/.test(word) ? Number(word) : undefined),
  expected: "expected a number below 1000",
};

/** How many hosts at once. */
export const width = {
  schema: z.union([z.int().min(1).max(999_999), z.literal("auto")]),
  read: (word: string) => (/^[1-9]\d{0,5}$/.test(word) ? Number(word) : word),
  expected: "expected a number of at least 1, or auto",
};

/** So many of the hosts. */
export const share = {
  schema: shareSchema,
  read: shareIn,
  expected: "expected a number of hosts, or a percentage",
};

/** More milliseconds do not fit into a timer. */
const longestMs = 2_000_000_000;

/** How long something may take: a person says seconds, and everything else has milliseconds. */
export const seconds = {
  schema: z.number().positive().max(longestMs),
  read: (word: string) => Number(word) * 1000,
  expected: "expected a number of seconds",
};

/** As {@link seconds}, or no time at all. */
export const secondsOrNone = {
  ...seconds,
  schema: z.number().min(0).max(longestMs),
  read: (word: string) => (word === "0" ? 0 : seconds.read(word) || undefined),
  inWords: (milliseconds: number) => String(milliseconds / 1000),
};
