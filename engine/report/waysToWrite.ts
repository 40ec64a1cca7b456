/** How a secret may stand in a text: as it is, quoted, and encoded. */
import { printable } from "../base/index.js";

/** The text as it is, and as it stands in shell text, JSON and URLs; all that as we print it, too. */
export function quoted(text: string): readonly string[] {
  const ways = [
    text,
    text.replaceAll("'", `'\\''`),
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
  ];
  return [...new Set([...ways, ...ways.map(printable)])];
}

/** The text in hexadecimal and in base64, whatever stands before and after it. None has a blank in it. */
export function encoded(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((before) => inBase64(bytes, before));
  return [...new Set([hex, hex.toUpperCase(), ...base64, ...base64.map(forUrls)])];
}

/** The text in base64 when nothing stands before it, and nothing or a newline after it. */
export function encodedAlone(text: string): readonly string[] {
  const all = [text, `${text}\n`].map((one) => Buffer.from(one).toString("base64"));
  return [...new Set(all.flatMap((one) => [one, forUrls(one)]))].map((one) =>
    one.replace(/=+$/, ""),
  );
}

/** Those characters that depend on these bytes alone, when so many others stand before them. */
function inBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const end = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((before * 8) / 6), end);
}

function forUrls(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
