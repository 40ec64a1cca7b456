/**
 * Looking at files of the machine that this process runs on, as this process's own account: as the
 * programs of a shell would, without starting any.
 */
import fs from "node:fs";
import { FileNotFound } from "../base/index.js";
import type { FileStat } from "../model/index.js";
import { localFileError, mostRead, tooLarge } from "../shell/index.js";
import { groupName, userName } from "./accounts.js";
import { findEnd } from "./localWay.js";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;

/**
 * Whether this process is in the `/proc` that it sees. One that has entered other pid namespaces is
 * not, only its children are: to it `/proc/self`, and with it `/proc/mounts` and others, lead nowhere. Without
 * a `/proc` what was opened cannot be told from what others have put in its place.
 */
export function isInProc(): boolean {
  return fs.existsSync("/proc/self");
}

/**
 * The file's bytes; `untold` where only the system's own programs can tell who can change the way to it.
 *
 * @throws FileNotFound, FileFailed, OutputTooLarge for more than 64 MiB
 */
export function readLocalFile(path: string): Buffer | "untold" {
  let fd: number | undefined;
  try {
    const end = findEnd(path, true);
    if (!end) return "untold";
    const { path: real, stat: there, isFirm } = end;
    if (!there) throw new FileNotFound(`${path} is not there`, { path });
    if (there.isDirectory()) throw localFileError("read", path, "Is a directory");
    // Only a regular file is read: others may have no end, or wait for somebody to write to them.
    if (!there.isFile()) throw localFileError("read", path, "Is no regular file");
    fd = fs.openSync(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = fs.fstatSync(fd);
    const isAnother = !isFirm && fs.readlinkSync(`/proc/self/fd/${fd}`) !== real;
    if (isAnother || !stat.isFile())
      throw localFileError("read", path, "it was replaced meanwhile");
    if (stat.size > mostRead) throw tooLarge(path);
    // A file that the kernel makes up while it is read says that its size is 0.
    const content = fs.readFileSync(fd);
    if (content.length > mostRead) throw tooLarge(path);
    return content;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (isMissing(error)) throw new FileNotFound(`${path} is not there`, { path });
    throw localFileError("read", path, reasonOf(error));
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/**
 * What is at the path, or undefined if nothing is; `untold` when its owner or group is of an account that
 * only the system's own programs may know by name, or when only these can tell who can change the way.
 */
export function statLocalFile(path: string, follow = false): FileStat | undefined | "untold" {
  try {
    const end = findEnd(path, follow);
    if (!end) return "untold";
    const { path: real, stat } = end;
    if (!stat) return undefined;
    const user = userName(stat.uid);
    const group = groupName(stat.gid);
    if (user === undefined || group === undefined) return "untold";
    return {
      type: typeOf(stat),
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      user,
      group,
      size: stat.size,
      mtimeMs: Math.floor(stat.mtimeMs / 1000) * 1000,
      ...(stat.isSymbolicLink() ? { target: fs.readlinkSync(real) } : {}),
    };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (isMissing(error)) return undefined;
    throw localFileError("looked at", path, reasonOf(error));
  }
}

function typeOf(stat: fs.Stats): FileStat["type"] {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isFIFO()) return "fifo";
  if (stat.isSocket()) return "socket";
  return stat.isBlockDevice() ? "block" : "character";
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function isMissing({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOENT" || code === "ENOTDIR";
}

/** `permission denied` of `EACCES: permission denied, open '/x'`. */
function reasonOf({ message }: Error): string {
  return /^[A-Z0-9]+: ([^,]*)/.exec(message)?.[1] ?? message;
}
