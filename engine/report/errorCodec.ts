/** Errors as they travel from the process where they arose. */
import { z } from "zod";
import { sendable, type Wire } from "../../core/index.js";
import { ConsfigError, printable, printableLines } from "../base/index.js";

/** A longer text is cut before it is sent; one that comes longer all the same is not of the protocol. */
const longest = 100_000;
const longestName = 200;

/** The schema of any text that is told. */
export const text = z.string().max(longest);
const name = z.string().max(longestName);
const fact = z.union([text, z.number(), z.boolean(), shortList(text, 1000)]);

/** A list whose elements are not even looked at if there are too many: each could be a problem of its own. */
export function shortList<T>(element: z.ZodType<T>, most: number): z.ZodType<T[]> {
  const isShort = (value: unknown) => Array.isArray(value) && value.length <= most;
  return z.custom<unknown[]>(isShort).pipe(z.array(element));
}

/** The text as it can be told, however long. */
export function tellable(told: string): string {
  return sendable(told, longest);
}

/** See {@link errorToWire}. */
export const errorWire = z.strictObject({
  // Whoever writes a consfig gives classes and codes the names they like.
  codes: shortList(name, 100).refine((codes) => codes.length > 0),
  name,
  message: text,
  facts: z.record(name, fact),
  /** The stack of the error that caused this one, if there is one. */
  stack: text.optional(),
});

/** An error as plain data. Facts that are no plain data stay behind. */
export type ErrorWire = z.infer<typeof errorWire>;

/** An error that arose in another process: of the class that its codes say. */
class DistantError extends ConsfigError {
  readonly #codes: readonly string[];

  constructor({ codes, name, message, facts, stack }: ErrorWire) {
    super(message, { ...facts }, stack === undefined ? {} : { cause: causeOf(stack) });
    this.#codes = codes;
    this.name = name;
  }

  override get codes(): readonly string[] {
    return this.#codes;
  }
}

/** The error as plain data; `shown` gives its texts as they may be told. */
export function errorToWire(error: ConsfigError, shown = (text: string) => text): ErrorWire {
  const { codes, name, message, facts } = error;
  const cause = error.cause instanceof Error ? error.cause.stack : undefined;
  const told = (text: string) => tellable(shown(text));
  const plain = Object.entries(facts).filter(([, value]) => fact.safeParse(value).success);
  return {
    codes: codes.slice(0, 100).map((code) => sendable(code, longestName)),
    name: sendable(name, longestName),
    message: told(message),
    facts: Object.fromEntries(
      plain.map(([key, value]) => [sendable(key, longestName), eachText(value as Wire, told)]),
    ) as ErrorWire["facts"],
    ...(cause === undefined ? {} : { stack: told(cause) }),
  };
}

/** The error again, its text escaped, as it may be printed here. */
export function errorFromWire(wire: ErrorWire): ConsfigError {
  const facts = Object.entries(wire.facts).map(([key, value]) => [
    key,
    eachText(value, printableLines),
  ]);
  return new DistantError({
    ...wire,
    codes: wire.codes.map(printable),
    name: printable(wire.name),
    message: printableLines(wire.message),
    facts: Object.fromEntries(facts) as ErrorWire["facts"],
  });
}

function eachText(value: Wire, shown: (text: string) => string): Wire {
  if (typeof value === "number") return value + 0; // never -0, which cannot be sent
  if (typeof value === "string") return shown(value);
  return Array.isArray(value) ? value.map((one) => eachText(one, shown)) : value;
}

function causeOf(stack: string): Error {
  const [message] = stack.split("\n");
  return Object.assign(new Error(message), { stack });
}
