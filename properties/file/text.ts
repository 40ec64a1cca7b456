/** Files as text that is edited: their bytes decoded without losing any, and encoded again. */
import { FileFailed, FileNotFound, isError, type LookingHost } from "../../engine/index.js";
import { escapedText, unescapedBytes } from "./bytes.js";

/** No text that people edit is longer. Lines and settings take many times the memory of their bytes. */
const mostBytes = 16 * 1024 * 1024;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes as text, from which {@link bytesOf} gives the same bytes again. */
export function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escapedText(bytes);
  }
}

/** The text's bytes: UTF-8, and the bytes that {@link textOf} could not decode as they were. */
export function bytesOf(text: string): Uint8Array {
  return /\p{Cs}/u.test(text) ? unescapedBytes(text) : new TextEncoder().encode(text);
}

/** A file's text, or undefined if there is no such file. @throws FileFailed */
export async function readText(host: LookingHost, path: string): Promise<string | undefined> {
  try {
    const bytes = await host.readBytes(path);
    if (bytes.length <= mostBytes) return textOf(bytes);
    throw new FileFailed(`${path} has ${bytes.length} bytes and cannot be edited as text`, {
      path,
      hint: `a text that is edited has at most ${mostBytes} bytes: find out what has filled it`,
    });
  } catch (error) {
    if (isError(error, FileNotFound)) return undefined;
    throw error;
  }
}
