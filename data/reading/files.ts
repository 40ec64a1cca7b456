import { readFile, stat } from "node:fs/promises";
import { reasonOf } from "../../core/index.js";
import { MissingDataSource } from "../../engine/index.js";

/** The time a file was last changed, as a version. @throws MissingDataSource */
export async function versionOf(file: string): Promise<string> {
  try {
    return String(Math.floor((await stat(file)).mtimeMs));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** A file's bytes. @throws MissingDataSource */
export async function readOrExplain(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): MissingDataSource {
  const why = reasonOf(cause);
  return new MissingDataSource(`prerequisite data cannot be read: ${why}`, { file }, { cause });
}
