import { once } from "node:events";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { reasonOf, replaceFile } from "../../core/index.js";
import { UsageError } from "../../engine/base/index.js";

const gathered = 256 * 1024;

/** The report is in the file, whole, or there is what was there before; `-` is standard output. */
export async function writeReport(file: string, pieces: Iterable<string>): Promise<void> {
  if (file === "-") return print(pieces);
  try {
    const place = await realpath(file).catch(() => file);
    const existing = await stat(place).catch(() => undefined);
    // A pipe or a device is written to, and not replaced.
    if (existing && !existing.isFile()) await writeTo(place, pieces);
    else await replaceFile(place, { mode: 0o644 }, (handle) => append(handle, pieces));
  } catch (cause) {
    throw new UsageError(`the report cannot be written: ${reasonOf(cause)}`, { file }, { cause });
  }
}

async function writeTo(file: string, pieces: Iterable<string>): Promise<void> {
  const handle = await open(file, "w");
  try {
    await append(handle, pieces);
  } finally {
    await handle.close();
  }
}

async function append(handle: FileHandle, pieces: Iterable<string>): Promise<void> {
  for (const text of inLargerPieces(pieces)) await handle.appendFile(text);
}

async function print(pieces: Iterable<string>): Promise<void> {
  for (const text of inLargerPieces(pieces)) {
    if (process.stdout.write(text)) continue;
    // Whoever read it may be gone: then there is nobody to tell the rest.
    const isRead = await once(process.stdout, "drain").then(
      () => true,
      () => false,
    );
    if (!isRead) return;
  }
}

function* inLargerPieces(pieces: Iterable<string>): Iterable<string> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (text.length < gathered) continue;
    yield text;
    text = "";
  }
  yield text;
}
