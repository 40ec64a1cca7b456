import { type Wire, wireLimits, wireProblem } from "../../core/index.js";
import { InvalidArgument } from "./errors.js";

const rules = { depth: wireLimits.depth, omitsUndefined: true } as const;

/**
 * A frozen deep copy of the value as plain data. Members that are `undefined` are left out.
 *
 * @throws InvalidArgument naming the path of the first part that cannot be sent.
 */
export function toWire(value: unknown, where: string): Wire {
  const problem = wireProblem(value, where, rules);
  if (!problem) return copy(value as Wire);
  throw new InvalidArgument(`${problem.place} is ${problem.what}`, {
    where: problem.place,
    hint: "pass plain data: strings, numbers, booleans, null, byte arrays, lists and records of these",
  });
}

function copy(value: Wire): Wire {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (isList(value)) return Object.freeze(value.map(copy));
  const result: Record<string, Wire> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) result[key] = copy(member);
  }
  return Object.freeze(result);
}

function isList(value: Wire): value is readonly Wire[] {
  return Array.isArray(value);
}
