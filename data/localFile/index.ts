import { besideCaller, type DataSource } from "../../engine/index.js";
import { readOrExplain, versionOf } from "../reading/shared.js";

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
