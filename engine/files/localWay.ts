/** The way to a path of the machine that this process runs on. See `way.ts` for the same in sh. */
import fs from "node:fs";
import { localFileError } from "../shell/index.js";
import { userName } from "./accounts.js";

/** A directory on the way. */
interface Directory {
  /** Its real path, with no symlink in it; empty for the root directory. */
  readonly path: string;
  /** The first directory on the way in which others can put another one in its place, if any. */
  readonly loose: string | undefined;
  /** Who can put something into it: nobody else; others, but only beside what is there; all. */
  readonly entries: "ours" | "sticky" | "shared";
}

/** Where a path leads. */
export interface End {
  /** The real path, with no symlink in it but perhaps the last one. */
  readonly path: string;
  /** What is there itself; undefined: nothing. */
  readonly stat: fs.Stats | undefined;
  /** Nobody but uid 0 and we can put something else there. */
  readonly isFirm: boolean;
}

const mostLinks = 40;

/**
 * Where the path leads; undefined where only the system's own programs can tell: what a group can write
 * to may have an ACL, or be of a group that has nobody else in it. A symlink on the way, and with `follow` also at the end of it, is followed only
 * if it belongs to uid 0 or to us, and if nobody else can change the way to it.
 *
 * @throws FileFailed for one that may not be followed; what `lstat` throws
 */
export function findEnd(path: string, follow: boolean): End | undefined {
  const left = path.split("/");
  const top = fs.lstatSync("/");
  if (isGroups(top)) return undefined;
  const directories = [entered("", top, undefined)];
  let end: End = { path: "/", stat: top, isFirm: true };
  for (let links = 0; ; ) {
    const name = left.shift();
    if (name === undefined) return end;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (directories.length > 1) directories.pop();
      const { path: above, loose } = lastOf(directories);
      end = { path: above || "/", stat: fs.lstatSync(above || "/"), isFirm: loose === undefined };
      continue;
    }
    const directory = lastOf(directories);
    const here = `${directory.path}/${name}`;
    const stat = fs.lstatSync(here, { throwIfNoEntry: false });
    const loose = directory.loose ?? (isKept(directory, stat) ? undefined : directory.path || "/");
    const isFirm = loose === undefined;
    end = { path: here, stat, isFirm };
    const isLast = left.every((one) => one === "" || one === ".");
    if (stat?.isSymbolicLink() && (!isLast || follow)) {
      assertFollowed(path, here, stat, loose);
      if (++links > mostLinks)
        throw localFileError("looked at", path, "Too many levels of symbolic links");
      const target = fs.readlinkSync(here);
      if (target.startsWith("/")) directories.length = 1;
      left.unshift(...target.split("/"));
    } else if (stat?.isDirectory()) {
      if (isGroups(stat)) return undefined;
      directories.push(entered(here, stat, loose));
    } else if (!isLast) {
      return { path: here, stat: undefined, isFirm };
    }
  }
}

function lastOf(directories: readonly Directory[]): Directory {
  return directories.at(-1) as Directory; // the root directory is always there
}

function entered(path: string, stat: fs.Stats, loose: string | undefined): Directory {
  if (!isOurs(stat.uid)) return { path, loose, entries: "shared" };
  if ((stat.mode & 0o002) === 0) return { path, loose, entries: "ours" };
  return { path, loose, entries: (stat.mode & 0o1000) !== 0 ? "sticky" : "shared" };
}

/** Whether nobody else can put something else in the place of what is in the directory. */
function isKept({ entries }: Directory, stat: fs.Stats | undefined): boolean {
  return entries === "ours" || (entries === "sticky" && stat !== undefined && isOurs(stat.uid));
}

/** All that is below `/` belongs to its owner anyway. */
function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.() || uid === fs.lstatSync("/").uid;
}

/** Whether a group, and not everybody, can write to this directory of ours. */
function isGroups({ uid, mode }: fs.Stats): boolean {
  return isOurs(uid) && (mode & 0o022) === 0o020;
}

function assertFollowed(
  path: string,
  link: string,
  { uid }: fs.Stats,
  loose: string | undefined,
): void {
  if (!isOurs(uid)) {
    const why = `the symlink ${link} belongs to ${nameOf(uid)}`;
    throw localFileError("looked at", path, why);
  }
  if (loose === undefined) return;
  const { uid: owner } = fs.lstatSync(loose);
  const who = isOurs(owner) ? "others" : nameOf(owner);
  const why = `the symlink ${link} is in ${loose}, which ${who} can change`;
  throw localFileError("looked at", path, why);
}

function nameOf(uid: number): string {
  return userName(uid) ?? `uid ${uid}`;
}
