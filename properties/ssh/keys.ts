import { z } from "zod";

/** A public key as one line of text has it, with what stands around it. */
export interface KeyLine {
  /** What stands before it: options, or names of hosts. */
  readonly before: string;
  /** The type and the key itself in base64: what makes it the same key or another. */
  readonly key: string;
}

/** No key is so long, whatever options and comment it has. */
const longest = 64 * 1024;

const quoted = /"(?:\\.|[^"\\])*"/.source;
const line = new RegExp(
  `^\\s*(?:((?:${quoted}|[^\\s"#])+)\\s+)?((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)\\s+([A-Za-z0-9+/]+={0,2})(?:\\s.*)?$`,
);

/** The key in the line, or undefined if there is none: a comment, or something else altogether. */
export function keyIn(text: string): KeyLine | undefined {
  if (text.length > longest) return undefined;
  const [, before = "", type, base64 = ""] = line.exec(text) ?? [];
  if (type === undefined || typeOf(base64) !== type) return undefined;
  return { before, key: `${type} ${base64}` };
}

/** A key names its own type, as a string with its length before it. */
function typeOf(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const length = bytes.length > 4 ? bytes.readUInt32BE(0) : 0;
  return bytes.subarray(4, 4 + length).toString("latin1");
}

const oneLine = z.string().regex(/^[^\n\r\0]+$/, "expected one line");
const expected = "expected a whole public key: ssh-ed25519 AAAA…";

/** The schema of a public key, which may have options before it and a comment behind. */
export const keyWithOptions = oneLine.refine((text) => keyIn(text) !== undefined, expected);

/** The schema of a public key, which may have a comment behind it. */
export const publicKey = oneLine.refine((text) => keyIn(text)?.before === "", expected);
