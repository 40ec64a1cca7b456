import { createHash } from "node:crypto";
import type { Chain, PreparedHost } from "../model/index.js";

/**
 * What tells whether a host is to be made the same, in the same way, as in another run: the sha256,
 * in hexadecimal, of the prepared host and the chain. Where they stand in the consfig is no part of it.
 */
export function fingerprint(prepared: PreparedHost, chain: Chain): string {
  // The text is hashed in one piece: to hash it word by word would take longer than all else.
  return createHash("sha256")
    .update(inWords([prepared, chain]))
    .digest("hex");
}

/** Every value in one way, and no two values in the same one. */
function inWords(value: unknown): string {
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString("base64")}>`;
  if (Array.isArray(value)) return `[${value.map(inWords).join("")}]`;
  if (typeof value !== "object" || value === null) return `${JSON.stringify(value)},`;
  const members = Object.entries(value).sort(byKey);
  const words = members.map(([key, member]) =>
    member === undefined || (key === "at" && isPlaced(value))
      ? ""
      : JSON.stringify(key) + inWords(member),
  );
  return `{${words.join("")}}`;
}

/** Whether its `at` is the place in the consfig: of propapps and combinations, prepared or not. */
function isPlaced(value: object): boolean {
  return "args" in value && ("property" in value || "combinator" in value);
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
