import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { UsageError } from "../../engine/base/index.js";

const gathered = 256 * 1024;

/** The report is in the file, whole, or there is what was there before; `-` is standard output. */
export async function writeReport(file: string, pieces: Iterable<string>): Promise<void> {
  if (file === "-") return print(pieces);
  try {
    const place = await realpath(file).catch(() => file);
    const existing = await stat(place).catch(() => undefined);
    // A pipe or a device is written to, and not replaced.
    if (existing && !existing.isFile()) await writeTo(await open(place, "w"), pieces);
    else await replace(place, pieces);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`the report cannot be written: ${why}`, { file }, { cause });
  }
}

async function replace(file: string, pieces: Iterable<string>): Promise<void> {
  const fresh = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    await writeTo(await open(fresh, "wx", 0o644), pieces);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function writeTo(file: FileHandle, pieces: Iterable<string>): Promise<void> {
  try {
    for (const text of inLargerPieces(pieces)) await file.appendFile(text);
  } finally {
    await file.close();
  }
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
