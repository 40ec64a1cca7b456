import { randomBytes } from "node:crypto";
import { FileFailed, FileNotFound, lastLines, OutputTooLarge } from "../errors.js";
import type { FileAttributes, FileStat } from "../hostAccess.js";
import { Secret } from "../secret.js";
import { quote, quoteWords } from "../sh.js";
import type { ExecResult } from "./command.js";
import type { ShellSession } from "./session.js";
import { resolveScript, writeScript } from "./writeScript.js";

interface Control {
  readonly signal?: AbortSignal;
}

const mostRead = 64 * 1024 * 1024;
/** Content up to this travels with the command that writes it. */
const shortContent = 16 * 1024;

/** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge for more than 64 MiB */
export async function readFile(
  session: ShellSession,
  path: string,
  control: Control = {},
): Promise<Buffer> {
  const file = quote(path);
  // A FIFO would be read until somebody writes to it.
  const text = `if [ -p ${file} ]; then echo "Is a FIFO" >&2; exit 1; fi; LC_ALL=C cat -- ${file}`;
  const maxOutputBytes = mostRead;
  const result = await session.execText(text, { ...control, looks: true, maxOutputBytes });
  if (result.exitCode !== 0) throw fileError("read", path, result);
  if (result.dropped > 0) {
    throw new OutputTooLarge(`${path} is larger than ${mostRead} bytes`, { path });
  }
  return result.stdout;
}

/** What is at the path, or undefined if nothing is. Needs a `stat` that has -c (GNU, busybox). */
export async function stat(
  session: ShellSession,
  path: string,
  options: Control & { readonly follow?: boolean } = {},
): Promise<FileStat | undefined> {
  const { follow, ...control } = options;
  const file = quote(path);
  const link = follow ? "" : ` && if [ -h ${file} ]; then readlink -- ${file}; fi`;
  const text = `LC_ALL=C stat ${follow ? "-L " : ""}-c "%f %u %g %s %Y %U %G" -- ${file}${link}`;
  const result = await session.execText(text, { ...control, looks: true });
  if (result.exitCode === 0) return parseStat(path, result.stdout.toString("utf8"));
  if (isMissing(result)) return undefined;
  throw fileError("looked at", path, result);
}

function parseStat(path: string, printed: string): FileStat {
  const [, raw, uid, gid, size, mtime, user = "", group = "", target] =
    /^([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+) (\S+) (\S+)\n(?:([^]*)\n)?$/.exec(printed) ?? [];
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
 * The content goes into a new file beside it (made exclusively, 0600), which gets owner, then mode,
 * is synced, renamed over the old one, and the directory is synced. A file that is there keeps its
 * mode, owner and ACL unless others are given; a new one is 0644. Symlinks are followed if they
 * belong to uid 0 or to us, else refused.
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
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  const temporary = `.consfig-${randomBytes(12).toString("hex")}`;
  const short = bytes.length <= shortContent;
  let file = path;
  if (!short) {
    // Bulk data does not pass through the script that writes: it must know the real place first.
    const real = await session.execText(`set -- ${quote(path)}; ${resolveScript}; printf %s "$r"`, {
      ...control,
      looks: true,
    });
    if (real.exitCode !== 0) throw fileError("written", path, real);
    file = real.stdout.toString("utf8");
    await session.store(file.replace(/[^/]*$/, temporary), bytes);
  }
  const modeText = mode === undefined ? "" : mode.toString(8).padStart(4, "0");
  const size = short ? "" : bytes.length;
  const words = quoteWords([file, temporary, modeText, user, group, size]);
  const result = await session.execText(`set -- ${words}; ${writeScript}`, {
    ...control,
    looks: false,
    ...(short ? { stdin: bytes } : {}),
  });
  if (result.exitCode !== 0) throw fileError("written", path, result);
}

function isMissing(result: ExecResult): boolean {
  return /No such file or directory|Not a directory/.test(result.stderr.toString("utf8"));
}

function fileError(deed: string, path: string, result: ExecResult): FileFailed {
  const output = lastLines(result.stderr.toString("utf8"), 5);
  const facts = { path, output };
  if (deed === "read" && isMissing(result)) return new FileNotFound(`${path} is not there`, facts);
  const why = output === "" ? `exit code ${result.exitCode}` : output;
  return new FileFailed(`${path} could not be ${deed}: ${why}`, facts);
}
