import { randomBytes } from "node:crypto";
import { FileFailed, lastLines } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { operand, quote, quoteWords } from "../base/sh.js";
import type { FileAttributes, FileStat } from "../model/hostInterfaces.js";
import { fileError, isMissing, mostRead, tooLarge } from "../shell/fileErrors.js";
import type { ExecOptions, ExecResult } from "../shell/options.js";
import type { ShellSession } from "../shell/session.js";
import { writeScript } from "./writeScript.js";

/** What limits the command. */
export type Control = Pick<ExecOptions, "signal" | "silenceMs" | "onLeft">;

/** Runs shell text. */
export type ExecText = (text: string, options: ExecOptions) => Promise<ExecResult>;

/** What `stat -c` prints of a file. */
export const attributesFormat = "%f %u %g %s %Y:%U:%G";

/** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge for more than 64 MiB */
export function readFile(
  session: ShellSession,
  path: string,
  control: Control = {},
): Promise<Buffer> {
  return session.files.read(path, control);
}

/** As {@link readFile}, by a command of its own. */
export async function readOne(exec: ExecText, path: string, control: Control): Promise<Buffer> {
  // What is no file may have no end, or wait for somebody to write to it.
  const text =
    `set -- ${quote(operand(path))}; no() { echo "Is $1" >&2; exit 1; }; ` +
    `if [ -d "$1" ]; then no "a directory"; fi; ` +
    `if [ -p "$1" ] || [ -c "$1" ] || [ -b "$1" ]; then no "no regular file"; fi; ` +
    `export LC_ALL=C; exec head -c ${mostRead + 1} "$1"`;
  const result = await exec(text, {
    ...control,
    name: `reading ${path}`,
    looks: true,
    maxOutputBytes: mostRead + 1,
  });
  if (result.exitCode !== 0) throw fileError("read", path, result);
  if (result.stdout.length > mostRead) throw tooLarge(path);
  return result.stdout;
}

/** What is at the path, or undefined if nothing is. Needs a `stat` that has -c (GNU, busybox). */
export function stat(
  session: ShellSession,
  path: string,
  options: Control & { readonly follow?: boolean } = {},
): Promise<FileStat | undefined> {
  const { follow = false, ...control } = options;
  return session.files.stat(path, control, follow);
}

/** As {@link stat}, by a command of its own. */
export async function statOne(
  exec: ExecText,
  path: string,
  control: Control,
  follow: boolean,
): Promise<FileStat | undefined> {
  const file = quote(operand(path));
  const attributes = `stat ${follow ? "-L " : ""}-c "${attributesFormat}" ${file}`;
  const link = follow ? "" : `if [ -h ${file} ]; then ${attributes} && exec readlink ${file}; fi; `;
  // In place of the shell: another process for each would be half of what looking costs.
  const text = `export LC_ALL=C; ${link}exec ${attributes}`;
  const name = `looking at ${path}`;
  const result = await exec(text, { ...control, name, looks: true });
  if (result.exitCode === 0) return parseStat(path, result.stdout.toString("utf8"));
  if (isMissing(result)) return undefined;
  throw fileError("looked at", path, result);
}

/** What is at the path, as that was printed of it; a link's target is on the lines after it. */
export function parseStat(path: string, printed: string): FileStat {
  const [, raw, uid, gid, size, mtime, user = "", group = "", target] =
    /^([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+):([^:\n]*):([^:\n]*)\n(?:([\s\S]*)\n)?$/.exec(printed) ??
    [];
  if (raw === undefined) {
    throw new FileFailed(`${path} could not be looked at: ${lastLines(printed)}`, { path });
  }
  const bits = Number.parseInt(raw, 16);
  return {
    type: typeOf(bits),
    mode: bits & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    user,
    group,
    size: Number(size),
    mtimeMs: Number(mtime) * 1000,
    ...(target === undefined ? {} : { target }),
  };
}

const types: Record<number, FileStat["type"]> = {
  1: "fifo",
  2: "character",
  4: "directory",
  6: "block",
  8: "file",
  10: "symlink",
  12: "socket",
};

function typeOf(bits: number): FileStat["type"] {
  return types[bits >> 12] ?? "file";
}

/**
 * The file has that content: at every instant it is wholly old or wholly new, with its final mode
 * and owner from the first moment.
 *
 * The content goes into a new file beside it (made exclusively, 0600) and is synced; that file gets
 * owner, then mode, is renamed over the old one, and the directory is synced. A file that is there
 * keeps its mode, owner and ACL unless others are given; a new one is 0644. Symlinks are followed if
 * they belong to uid 0 or to us, else refused.
 *
 * @throws FileFailed
 */
export async function writeFile(
  session: ShellSession,
  path: string,
  content: string | Uint8Array | Secret,
  attributes: FileAttributes & Control = {},
): Promise<void> {
  const { mode, user = "", group = "", ...control } = attributes;
  const text = content instanceof Secret ? content.reveal() : content;
  const stdin = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  const temporary = `.consfig-${randomBytes(12).toString("hex")}`;
  const modeText = mode === undefined ? "" : mode.toString(8).padStart(4, "0");
  const words = quoteWords([path, temporary, modeText, user, group, stdin.length]);
  const result = await session.execText(`set -- ${words}; ${writeScript}`, {
    ...control,
    name: `writing ${path}`,
    looks: false,
    stdin,
  });
  if (result.exitCode !== 0) throw fileError("written", path, result);
}
