import { createHash, type Hash } from "node:crypto";
import type { Chain } from "../hop.js";
import type { PreparedHost } from "../prepare.js";

/**
 * What tells whether a host is to be made the same, in the same way, as in another run: the sha256,
 * in hexadecimal, of the prepared host and the chain. Where they stand in the consfig is no part of it.
 */
export function planHash(prepared: PreparedHost, chain: Chain): string {
  const hash = createHash("sha256");
  feed(hash, [prepared, chain]);
  return hash.digest("hex");
}

/** Every value in one way, and no two values in the same one. */
function feed(hash: Hash, value: unknown): void {
  if (value instanceof Uint8Array) {
    hash.update(`<${value.length}>`).update(value);
  } else if (Array.isArray(value)) {
    hash.update("[");
    for (const member of value) feed(hash, member);
    hash.update("]");
  } else if (typeof value === "object" && value !== null) {
    hash.update("{");
    for (const [key, member] of Object.entries(value).sort(byKey)) {
      if (member === undefined || (key === "at" && isPlaced(value))) continue;
      hash.update(JSON.stringify(key));
      feed(hash, member);
    }
    hash.update("}");
  } else {
    hash.update(`${JSON.stringify(value)},`);
  }
}

/** Whether its `at` is the place in the consfig: of propapps and combinations, prepared or not. */
function isPlaced(value: object): boolean {
  return "args" in value && ("property" in value || "combinator" in value);
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
