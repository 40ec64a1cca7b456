import type { FileHandle } from "node:fs/promises";
import { longestLine } from "./records.js";

const newline = 0x0a;

/**
 * Each line of the file is handed over, without its newline, in order; undefined stands for one that
 * is too long. What comes after the last newline was being written when the writer ended: no line.
 * `tell` says whether it wants more.
 */
export async function forEachLine(
  file: FileHandle,
  tell: (line: Buffer | undefined, number: number) => boolean,
): Promise<void> {
  const stream = file.createReadStream({ autoClose: false, start: 0, highWaterMark: 256 * 1024 });
  let number = 0;
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(newline); to >= 0; to = chunk.indexOf(newline, from)) {
      const end = chunk.subarray(from, to);
      length += end.length;
      const line = length > longestLine ? undefined : Buffer.concat([...begun, end]);
      if (!tell(line, ++number)) return;
      from = to + 1;
      begun = [];
      length = 0;
    }
    length += chunk.length - from;
    if (length > longestLine) begun = [];
    else if (from < chunk.length) begun.push(chunk.subarray(from));
  }
}
