import { z } from "zod";
import { AbortedChange, type PosixHost, posixProperty, script } from "../../engine/index.js";
import { absolutePath, pathBelowRoot } from "./arguments.js";
import { removeFile } from "./content.js";
import { inDirectory } from "./edit.js";
import { sha256Of } from "./sameContent.js";

/**
 * The path is a file with the content of the other file on the host. When it is copied, it gets the
 * other's mode, owner and times too. Unapplied: the copy does not exist.
 */
export const isCopyOf = posixProperty<[path: string, source: string]>("file.isCopyOf", {
  args: z.tuple([pathBelowRoot, absolutePath]),
  desc: (path, source) => `${path} is a copy of ${source}`,
  async check(host, path, source) {
    const [stat, own, other] = await Promise.all([
      host.stat(path),
      sha256Of(host, path),
      sha256Of(host, source),
    ]);
    return stat?.type === "file" && ((own !== undefined && own === other) || "partly");
  },
  async apply(host, path, source) {
    const stat = await host.stat(path);
    if (stat && stat.type !== "file" && stat.type !== "symlink") {
      throw new AbortedChange(`${path} is a ${stat.type}`);
    }
    await inDirectory(host, path, () => copy(host, path, source));
    return "changed";
  },
  unapply: (host, path) => removeFile(host, path),
});

async function copy(host: PosixHost, path: string, source: string): Promise<void> {
  await host.run(
    script`t=$(mktemp -- ${path}.XXXXXX) && cp -p -- ${source} "$t" && mv -f -- "$t" ${path} ||
      { rm -f -- "$t"; exit 1; }`,
  );
}
