/** Commands that change what is at a path; paths are absolute, or start at the account's home. */
import { randomBytes } from "node:crypto";
import { script, sh, type Words } from "../base/index.js";
import type { FileAttributes } from "../model/index.js";

/** The directory exists, and those above it. */
export function makesDirectory(directory: string, attributes: FileAttributes): Words {
  const { mode, user = "", group = "" } = attributes;
  const words = [directory, mode === undefined ? "" : octal(mode), user, group];
  // Nobody gets into the directory before all is right: mkdir gives it the mode that it will have.
  return [
    ...script`set -e; d=$1 m=$2 u=$3 g=$4
      [ -z "$m" ] || [ -d "$d" ] || { mkdir -p -- "$(dirname -- "$d")"; mkdir -m "$m" -- "$d"; }
      mkdir -p -- "$d"
      [ -z "$u" ] || chown -- "$u" "$d"
      [ -z "$g" ] || chgrp -- "$g" "$d"
      [ -z "$m" ] || chmod -- "$m" "$d"`,
    "sh",
    ...words,
  ];
}

/** Nothing is at these paths; directories need `recursive`. */
export function removes(paths: readonly string[], recursive = false): Words {
  return sh`rm ${recursive ? "-rf" : "-f"} -- ${paths}`;
}

/** The symlink is there: made beside and renamed over, so that there is no moment without it. */
export function makesSymlink(link: string, target: string): Words {
  const temporary = link.replace(/[^/]*$/, `.consfig-${randomBytes(12).toString("hex")}`);
  return script`ln -s -- ${target} ${temporary} && { mv -fT -- ${temporary} ${link} || { rm -f -- ${temporary}; exit 1; }; }`;
}

/** The mode of what is at the path is that. */
export function setsMode(path: string, mode: number): Words {
  return sh`chmod ${octal(mode)} -- ${path}`;
}

/** The owner and group of what is at the path (of the link itself, if it is one) are those. */
export function setsOwner(path: string, { user, group }: Omit<FileAttributes, "mode">): Words {
  const who = `${user ?? ""}${group === undefined ? "" : `:${group}`}`;
  return sh`chown -h ${who} -- ${path}`;
}

/** The mode for chmod: with fewer than five digits the set-id bits of a directory would stay. */
function octal(mode: number): string {
  return mode.toString(8).padStart(5, "0");
}
