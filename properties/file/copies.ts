import { z } from "zod";
import { AbortedChange, posixProperty } from "../../engine/index.js";
import { absolutePath, pathBelowRoot } from "./arguments.js";
import { removeFile } from "./content.js";
import { inDirectory } from "./edit.js";

/**
 * The path is a file with the content of the other file on the host. When it is copied, it gets the
 * other's mode, owner and times too. Unapplied: the copy does not exist.
 */
export const isCopyOf = posixProperty<[path: string, source: string]>("file.isCopyOf", {
  args: z.tuple([pathBelowRoot, absolutePath]),
  desc: (path, source) => `${path} is a copy of ${source}`,
  async check(host, path, source) {
    const [stat, from] = await Promise.all([host.stat(path), host.stat(source, { follow: true })]);
    if (stat?.type !== "file") return false;
    if (from?.type !== "file" || from.size !== stat.size) return "partly";
    const [own, other] = await Promise.all([host.sha256(path), host.sha256(source)]);
    return own === other || "partly";
  },
  async apply(host, path, source) {
    const stat = await host.stat(path);
    if (stat && stat.type !== "file" && stat.type !== "symlink") {
      throw new AbortedChange(`${path} is a ${stat.type}`);
    }
    await inDirectory(host, path, () => host.copyFile(path, source));
    return "changed";
  },
  unapply: (host, path) => removeFile(host, path),
});
