import { z } from "zod";
import { AbortedChange, posixProperty, propList } from "../../engine/index.js";
import {
  type Attributes,
  absolutePath,
  attributes,
  hasAttributes,
  parentOf,
  pathBelowRoot,
} from "./arguments.js";

/**
 * The directory exists, with the mode and owner that are given; those above it are made when
 * missing. Unapplied: it does not exist, if nothing is in it.
 */
export const directoryExists = posixProperty<[path: string, attributes?: Attributes]>(
  "file.directoryExists",
  {
    args: z.tuple([pathBelowRoot, attributes.exactOptional()]),
    desc: (path) => `directory ${path} exists`,
    async check(host, path, wanted = {}) {
      const stat = await host.stat(path, { follow: true });
      if (stat?.type !== "directory") return false;
      return hasAttributes(stat, wanted) || "partly";
    },
    async apply(host, path, wanted = {}) {
      const stat = await host.stat(path);
      if (stat && stat.type !== "directory") {
        throw new AbortedChange(`${path} is a ${stat.type}`, {
          hint: "name the directory itself, or have what is there removed first",
        });
      }
      await host.makeDirectory(path, wanted);
      return "changed";
    },
    async unapply(host, path) {
      if (!(await host.isEmptyDirectory(path))) return "unchanged";
      await host.remove([path], { ifEmpty: true });
      return "changed";
    },
  },
);

/** The directory that the path is in exists. Unapplied: it does not, if nothing is in it. */
export const containingDirectoryExists = propList("file.containingDirectoryExists", {
  args: z.tuple([
    absolutePath.refine((path) => parentOf(path) !== "/", "the path is right below /"),
  ]),
  desc: (path) => `directory of ${path} exists`,
  props: (path: string) => [directoryExists(parentOf(path))],
});
