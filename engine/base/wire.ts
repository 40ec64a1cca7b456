import type { Wire } from "../../core/index.js";
import { InvalidArgument } from "./errors.js";

const maxDepth = 64;

/**
 * A frozen deep copy of the value as plain data. Members that are `undefined` are left out.
 *
 * @throws InvalidArgument naming the path of the first part that cannot be sent.
 */
export function toWire(value: unknown, where: string): Wire {
  return copy(value, where, []);
}

function copy(value: unknown, where: string, above: readonly object[]): Wire {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw refusal(where, `the number ${value}`);
  }
  if (typeof value !== "object") {
    throw refusal(where, value === undefined ? "undefined" : `a ${typeof value}`);
  }
  if (above.includes(value)) throw refusal(where, "a value that contains itself");
  if (above.length >= maxDepth) throw refusal(where, `data nested more than ${maxDepth} deep`);
  const inside = [...above, value];
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) {
    return Object.freeze(value.map((member, i) => copy(member, `${where}[${i}]`, inside)));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refusal(
      where,
      `an instance of ${(value.constructor as { name?: string }).name || "a class"}`,
    );
  }
  const result: Record<string, Wire> = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === "__proto__") throw refusal(where, "a member called __proto__");
    if (member !== undefined) result[key] = copy(member, `${where}.${key}`, inside);
  }
  return Object.freeze(result);
}

function refusal(where: string, what: string): InvalidArgument {
  return new InvalidArgument(`${where} is ${what}`, {
    where,
    hint: "pass plain data: strings, numbers, booleans, null, byte arrays, lists and records of these",
  });
}
