import { stat } from "node:fs/promises";
import path from "node:path";
import { besideCaller, type DataSource, MissingDataSource } from "../../engine/index.js";
import { readOrExplain, versionOf } from "../reading/shared.js";

/**
 * Prerequisite data are the files below a directory on this machine: (iden1, iden2) is the file
 * `directory/iden1/iden2`, so that (`web1.example.com`, `/etc/foo`) is
 * `directory/web1.example.com/etc/foo`. Its version is the time the file was last changed. A
 * relative directory starts where the file is that calls this.
 *
 * @throws MissingDataSource when the directory is not there.
 */
export function filesTree(directory: string): DataSource {
  const root = besideCaller(directory);
  const fileOf = (iden1: string, iden2: string) => fileBelow(root, iden1, iden2);
  return {
    description: `filesTree ${root}`,
    async version(iden1, iden2) {
      await assertDirectory(root);
      const file = fileOf(iden1, iden2);
      return (await isFile(file)) ? versionOf(file) : undefined;
    },
    read: async (iden1, iden2) => readOrExplain(fileOf(iden1, iden2)),
  };
}

/** The file of an item in a tree of them: an item's name cannot lead out of the tree. */
export function fileBelow(root: string, iden1: string, iden2: string, suffix = ""): string {
  return path.join(root, path.join("/", iden1), `${path.join("/", iden2)}${suffix}`);
}

/** @throws MissingDataSource when there is no such directory. */
export async function assertDirectory(directory: string): Promise<void> {
  if (await isA("isDirectory", directory)) return;
  throw new MissingDataSource(`there is no directory ${directory} of prerequisite data`);
}

/** Whether there is such a file, and not something else. */
export function isFile(file: string): Promise<boolean> {
  return isA("isFile", file);
}

async function isA(what: "isFile" | "isDirectory", file: string): Promise<boolean> {
  try {
    return (await stat(file))[what]();
  } catch {
    return false; // not there, or not to be looked at: in either case not ours to serve
  }
}
