/**
 * Looking at files of the machine that this process runs on, as this process's own account: as the
 * programs of a shell would, without starting any.
 */
import fs from "node:fs";
import { FileFailed, FileNotFound } from "../base/index.js";
import type { FileStat } from "../model/index.js";
import { mostRead, tooLarge } from "../shell/index.js";

/**
 * Whether this process is in the `/proc` that it sees. One that has entered other pid namespaces is
 * not, only its children are: to it `/proc/self`, and with it `/proc/mounts` and others, lead nowhere.
 */
export function isInProc(): boolean {
  return fs.existsSync("/proc/self") || !fs.existsSync("/proc/version");
}

/** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge for more than 64 MiB */
export function readLocalFile(path: string): Buffer {
  let fd: number | undefined;
  try {
    // Only a regular file is read: others may have no end, or wait for somebody to write to them.
    fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) throw failed("read", path, "Is a directory");
    if (!stat.isFile()) throw failed("read", path, "Is no regular file");
    if (stat.size > mostRead) throw tooLarge(path);
    // A file that the kernel makes up while it is read says that its size is 0.
    const content = fs.readFileSync(fd);
    if (content.length > mostRead) throw tooLarge(path);
    return content;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (isMissing(error)) throw new FileNotFound(`${path} is not there`, { path });
    if (error.code === "ENXIO") throw failed("read", path, "Is no regular file");
    throw failed("read", path, reasonOf(error));
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/**
 * What is at the path, or undefined if nothing is; `unnamed` when its owner or group is of an account
 * that only the system's own programs may know by name.
 */
export function statLocalFile(path: string, follow = false): FileStat | undefined | "unnamed" {
  try {
    const stat = follow ? fs.statSync(path) : fs.lstatSync(path);
    const user = nameIn("/etc/passwd", stat.uid);
    const group = nameIn("/etc/group", stat.gid);
    if (user === undefined || group === undefined) return "unnamed";
    return {
      type: typeOf(stat),
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      user,
      group,
      size: stat.size,
      mtimeMs: Math.floor(stat.mtimeMs / 1000) * 1000,
      ...(stat.isSymbolicLink() ? { target: fs.readlinkSync(path) } : {}),
    };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (isMissing(error)) return undefined;
    throw failed("looked at", path, reasonOf(error));
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

/** The first name with that number, as the system's own programs would find it. */
function nameIn(table: string, id: number): string | undefined {
  try {
    const line = new RegExp(`^([^#:\\n][^:\\n]*):[^:\\n]*:${id}:`, "m");
    return line.exec(fs.readFileSync(table, "utf8"))?.[1];
  } catch {
    return undefined;
  }
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

function failed(deed: string, path: string, why: string): FileFailed {
  return new FileFailed(`${path} could not be ${deed}: ${why}`, { path });
}
