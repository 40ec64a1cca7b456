/** Errors as they travel from the process where they arose. */
import { z } from "zod";
import { ConsfigError } from "../errors.js";
import { printableLines } from "../printable.js";
import type { Wire } from "../wire.js";

const text = z.string().max(100_000);
const code = z.string().regex(/^E_[A-Z_]{1,40}$/);
const fact = z.union([text, z.number(), z.boolean(), z.array(text).max(1000)]);

/** See {@link errorToWire}. */
export const errorWire = z.strictObject({
  codes: z.array(code).min(1).max(10),
  name: z.string().regex(/^[A-Za-z0-9_$]{1,80}$/),
  message: text,
  facts: z.record(z.string().max(80), fact),
  /** Of what caused it, if anything did. */
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
  const sendable = Object.entries(facts).filter(([, value]) => fact.safeParse(value).success);
  const told = sendable.map(([key, value]) => [key, eachText(value as Wire, shown)]);
  return {
    codes: [...codes],
    name,
    message: shown(message).slice(0, 100_000),
    facts: Object.fromEntries(told) as ErrorWire["facts"],
    ...(cause === undefined ? {} : { stack: shown(cause).slice(0, 100_000) }),
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
    message: printableLines(wire.message),
    facts: Object.fromEntries(facts) as ErrorWire["facts"],
  });
}

function eachText(value: Wire, shown: (text: string) => string): Wire {
  if (typeof value === "string") return shown(value);
  return Array.isArray(value) ? value.map((one) => eachText(one, shown)) : value;
}

function causeOf(stack: string): Error {
  const [message] = stack.split("\n");
  return Object.assign(new Error(message), { stack });
}
