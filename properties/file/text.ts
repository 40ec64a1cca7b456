/** Files as text that is edited: their bytes decoded without losing any, and encoded again. */
import { FileNotFound, isError, type LookingHost } from "../../engine/index.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The bytes as text, from which {@link bytesOf} gives the same bytes again.
 *
 * In a line that is no UTF-8, each byte above 127 becomes a lone surrogate that stands for it.
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return linesOf(bytes).map(lineOf).join("");
  }
}

/** The text's bytes: UTF-8, and the bytes that {@link textOf} could not decode as they were. */
export function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!/\p{Cs}/u.test(text)) return encoder.encode(text);
  const pieces = text.split(/(\p{Cs})/u).flatMap((piece) => {
    const code = piece.charCodeAt(0);
    const escaped = piece.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    return escaped ? [code - 0xdc00] : [...encoder.encode(piece)];
  });
  return Uint8Array.from(pieces);
}

/** A file's text, or undefined if there is no such file. @throws FileFailed */
export async function readText(host: LookingHost, path: string): Promise<string | undefined> {
  try {
    return textOf(await host.readBytes(path));
  } catch (error) {
    if (isError(error, FileNotFound)) return undefined;
    throw error;
  }
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

function lineOf(line: Uint8Array): string {
  try {
    return strict.decode(line);
  } catch {
    return Array.from(line, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join(
      "",
    );
  }
}
