import { readFile, stat } from "node:fs/promises";
import { reasonOf } from "../../core/index.js";
import { besideCaller, type DataSource, MissingDataSource } from "../../engine/index.js";

/**
 * One item of prerequisite data is the content of a file on this machine. Its version is the time
 * the file was last changed. A relative path starts where the file is that calls this.
 *
 * @throws MissingDataSource when it is asked and the file cannot be read.
 */
export function localFile(file: string, iden1: string, iden2: string): DataSource {
  const absolute = besideCaller(file);
  return {
    description: `localFile ${absolute} (${iden1}, ${iden2})`,
    version: async (one, two) => (one === iden1 && two === iden2 ? versionOf(absolute) : undefined),
    read: async () => readOrExplain(absolute),
  };
}

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
