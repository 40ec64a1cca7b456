import { z } from "zod";
import { AbortedChange, posixProperty } from "../../engine/index.js";
import { pathBelowRoot } from "./arguments.js";
import { inDirectory } from "./edit.js";

const target = z
  .string()
  .min(1)
  .refine((path) => !path.includes("\0"), "a path cannot contain a NUL byte");

/**
 * The path is a symlink to the target, which is put there as it stands and need not exist. The
 * directory is made when missing; a symlink elsewhere is replaced, nothing else is. Unapplied: the
 * symlink does not exist, if it leads there.
 */
export const symlinked = posixProperty<[path: string, target: string]>("file.symlinked", {
  args: z.tuple([pathBelowRoot, target]),
  desc: (path, target) => `${path} → ${target}`,
  check: async (host, path, target) => (await host.stat(path))?.target === target,
  async apply(host, path, target) {
    const stat = await host.stat(path);
    if (stat && stat.type !== "symlink") {
      throw new AbortedChange(`${path} is a ${stat.type}`, {
        hint: "have it removed first, if the symlink is to take its place",
      });
    }
    await inDirectory(host, path, () => host.makeSymlink(path, target));
    return "changed";
  },
  async unapply(host, path) {
    await host.remove([path]);
    return "changed";
  },
});
