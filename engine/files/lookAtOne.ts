import { FileFailed, lastLines, operand, quote } from "../base/index.js";
import type { FileStat } from "../model/index.js";
import {
  type Control,
  type ExecText,
  fileError,
  isMissing,
  mostRead,
  tooLarge,
} from "../shell/index.js";

/** What `stat -c` prints of a file. */
export const attributesFormat = "%f %u %g %s %Y:%U:%G";

/** The file's bytes, by a command of its own. @throws FileNotFound, FileFailed, OutputTooLarge */
export async function readOne(exec: ExecText, path: string, control: Control): Promise<Buffer> {
  // Only a regular file is read: others may have no end, or wait for somebody to write to them.
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

/** What is at the path, or undefined if nothing is, by a command of its own. */
export async function statOne(
  exec: ExecText,
  path: string,
  control: Control,
  follow: boolean,
): Promise<FileStat | undefined> {
  const file = quote(operand(path));
  const attributes = `stat ${follow ? "-L " : ""}-c "${attributesFormat}" ${file}`;
  const link = follow ? "" : `if [ -h ${file} ]; then ${attributes} && exec readlink ${file}; fi; `;
  // `exec` saves a process for each look, which would be half of what it costs.
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
