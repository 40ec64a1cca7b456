import { FileFailed, lastLines, quote, shellText } from "../base/index.js";
import type { FileStat } from "../model/index.js";
import {
  type Control,
  type ExecText,
  fileError,
  isMissing,
  mostRead,
  tooLarge,
} from "../shell/index.js";
import { digest } from "./digest.js";
import { way } from "./way.js";

/** What `stat -c` prints of a file. */
export const attributesFormat = "%f %u %g %s %Y:%U:%G";

/**
 * Finds the regular file `$1`: `open` makes it stdin, `print BYTES` prints its beginning. What is no
 * regular file may have no end, or wait for somebody to write to it. Where others can put such a thing
 * in the file's place, it is opened in a way that follows no symlink and waits for nothing, if the
 * host's dd knows how; and it must still be what was looked at.
 */
const prints = shellText`
  ${way};
  # It may have come meanwhile.
  while at "$1" follow && [ -z "$x" ]; do ls -d -- "$d/$b" >/dev/null || exit 1; done;
  case $x in 8*) ;; 4*) fail "Is a directory";; *) fail "Is no regular file";; esac;
  enter;
  open() {
    # Shells have words of their own for what is wrong. A new file may have come meanwhile.
    until { command exec <"./$b"; } 2>/dev/null; do head -c 1 -- "./$b" >/dev/null || exit 1; done;
  };
  print() {
    if dd if=/dev/null iflag=nofollow,nonblock 2>/dev/null; then
      dd if="./$b" bs=65536 count="$1" iflag=nofollow,nonblock,fullblock,count_bytes 2>/dev/null ||
        { if [ -r "./$b" ]; then fail "it was replaced meanwhile"; else fail "Permission denied"; fi; };
    else open; exec head -c "$1"; fi;
  };
  isStill() { [ "$(stat -c "%f %u %g %d:%i %s" -- "./$b")" = "$x" ] || fail "it was replaced meanwhile"; }
`;
const reads = shellText`
  ${prints};
  if [ -n "$c" ]; then open; exec head -c ${String(mostRead + 1)}; fi;
  (print ${String(mostRead + 1)}) && isStill
`;
const hashes = shellText`
  ${prints}; ${digest};
  if [ -n "$c" ]; then open; digest; else (print 9223372036854775807) | digest && isStill; fi
`;

const looks = shellText`
  ${way}; at "$1" $2; enter; set -- "./$b";
  if [ -n "$x" ] && [ -z "\${x##a*}" ]; then stat -c "${attributesFormat}" -- "$1" && exec readlink -- "$1"; fi;
  exec stat -c "${attributesFormat}" -- "$1"
`;

/** The file's bytes, by a command of its own. @throws FileNotFound, FileFailed, OutputTooLarge */
export async function readOne(exec: ExecText, path: string, control: Control): Promise<Buffer> {
  const result = await exec(`set -- ${quote(plain(path))}; ${reads}`, {
    ...control,
    name: `reading ${path}`,
    looks: true,
    maxOutputBytes: mostRead + 1,
  });
  if (result.exitCode !== 0) throw fileError("read", path, result);
  if (result.stdout.length > mostRead) throw tooLarge(path);
  return result.stdout;
}

/** The SHA-256 of the file, as hexadecimal digits; undefined if nothing is there. @throws FileFailed */
export async function hashOne(
  exec: ExecText,
  path: string,
  control: Control,
): Promise<string | undefined> {
  const name = `reading ${path}`;
  const result = await exec(`set -- ${quote(plain(path))}; ${hashes}`, {
    ...control,
    name,
    looks: true,
  });
  const hash = /^\\?([0-9a-f]{64})/.exec(result.stdout.toString("latin1"))?.[1];
  if (result.exitCode === 0 && hash) return hash;
  if (isMissing(result)) return undefined;
  throw fileError("read", path, result);
}

/** What is at the path, or undefined if nothing is, by a command of its own. */
export async function statOne(
  exec: ExecText,
  path: string,
  control: Control,
  follow: boolean,
): Promise<FileStat | undefined> {
  const text = `set -- ${quote(plain(path))} ${follow ? "follow" : '""'}; ${looks}`;
  const name = `looking at ${path}`;
  const result = await exec(text, { ...control, name, looks: true });
  if (result.exitCode === 0) return parseStat(path, result.stdout.toString("utf8"));
  if (isMissing(result)) return undefined;
  throw fileError("looked at", path, result);
}

/** The same path without what changes nothing: doubled slashes, and `.` on the way. */
function plain(path: string): string {
  return path.replace(/\/(\.?\/)+/g, "/");
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
