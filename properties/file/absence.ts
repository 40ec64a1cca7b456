import { z } from "zod";
import { AbortedChange, type LookingHost, posixProperty } from "../../engine/index.js";
import { pathBelowRoot } from "./arguments.js";

const paths = z.tuple([pathBelowRoot], pathBelowRoot);

/** Nothing is at any of the paths: files, symlinks and the like are removed, directories are not. */
export const doesNotExist = posixProperty<[...paths: string[]]>("file.doesNotExist", {
  args: paths,
  desc: (...paths) => `no ${paths.join(", ")}`,
  check: (host, ...paths) => noneExists(host, paths),
  async apply(host, ...paths) {
    const stats = await Promise.all(paths.map((path) => host.stat(path)));
    const directory = paths.find((_path, index) => stats[index]?.type === "directory");
    if (directory !== undefined) {
      throw new AbortedChange(`${directory} is a directory`, {
        hint: "say file.directoryDoesNotExist if it is to go with all that is in it",
      });
    }
    await host.remove(paths);
    return "changed";
  },
});

/** None of the directories exists: they are removed with all that is in them. */
export const directoryDoesNotExist = posixProperty<[...directories: string[]]>(
  "file.directoryDoesNotExist",
  {
    args: paths,
    desc: (...directories) => `no directory ${directories.join(", ")}`,
    check: (host, ...directories) => noneExists(host, directories),
    async apply(host, ...directories) {
      const stats = await Promise.all(directories.map((path) => host.stat(path)));
      const other = directories.find((_path, index) => {
        const type = stats[index]?.type;
        return type !== undefined && type !== "directory";
      });
      if (other !== undefined) throw new AbortedChange(`${other} is no directory`);
      await host.remove(directories, { recursive: true });
      return "changed";
    },
  },
);

/** Each of the directories is not there, or is not empty. */
export const emptyDirectoryDoesNotExist = posixProperty<[...directories: string[]]>(
  "file.emptyDirectoryDoesNotExist",
  {
    args: paths,
    desc: (...directories) => `no empty directory ${directories.join(", ")}`,
    check: async (host, ...directories) => (await emptyOnes(host, directories)).length === 0,
    async apply(host, ...directories) {
      await host.remove(await emptyOnes(host, directories), { ifEmpty: true });
      return "changed";
    },
  },
);

async function emptyOnes(host: LookingHost, paths: readonly string[]): Promise<string[]> {
  const areEmpty = await Promise.all(paths.map((path) => host.isEmptyDirectory(path)));
  return paths.filter((_path, index) => areEmpty[index]);
}

async function noneExists(host: LookingHost, paths: readonly string[]): Promise<boolean> {
  const stats = await Promise.all(paths.map((path) => host.stat(path)));
  return stats.every((stat) => stat === undefined);
}
