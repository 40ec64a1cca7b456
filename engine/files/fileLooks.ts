/**
 * Looks at files, many by one command: checks of many properties look at once, and to start programs
 * for each of them would be most of what a host with nothing to do has to do.
 */
import { createHash } from "node:crypto";
import { FileNotFound, quoteWords } from "../base/index.js";
import type { FileStat } from "../model/index.js";
import type { Control, ExecLanes, ExecResult } from "../shell/index.js";
import { Batcher, type Found, mostFiles } from "./batcher.js";
import { attributesFormat, parseStat, readOne, statOne } from "./lookAtOne.js";

/** A larger file is read by a command of its own. */
const mostBytes = 128 * 1024;

/** The looks at files of one session. */
export class FileLooks {
  readonly #exec: ExecLanes;
  readonly #stats: Batcher<FileStat>;
  readonly #ends: Batcher<FileStat>;
  readonly #reads: Batcher<Buffer>;

  constructor(exec: ExecLanes) {
    this.#exec = exec;
    const stats = (script: string) =>
      new Batcher<FileStat>(exec, (paths, control) => this.#statAll(paths, control, script));
    this.#stats = stats(`${attributes}; ${targets}`);
    this.#ends = stats(`exec ${attributesOfEnds}`);
    this.#reads = new Batcher(exec, (paths, control) => this.#readAll(paths, control));
  }

  /** What is at the path, or where a symlink there leads to; undefined if nothing is. */
  stat(path: string, control: Control, follow: boolean): Promise<FileStat | undefined> {
    const batcher = follow ? this.#ends : this.#stats;
    return batcher.ask(path, control, (exec) => statOne(exec, path, control, follow));
  }

  /** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge */
  async read(path: string, control: Control): Promise<Buffer> {
    const found = await this.#reads.ask(path, control, (exec) => readOne(exec, path, control));
    if (found) return found;
    throw new FileNotFound(`${path} is not there`, { path });
  }

  /** Sends what was asked for until now, so that it goes before anything else. */
  flush(): void {
    this.#stats.flush();
    this.#ends.flush();
    this.#reads.flush();
  }

  /** `script` prints their attributes, and then where the links among them lead. */
  async #statAll(
    paths: readonly string[],
    control: Control,
    script: string,
  ): Promise<Found<FileStat>> {
    const text = `set -- ${quoteWords(paths)}; ${script}`;
    const result = await this.#run(`looking at ${paths.length} files`, text, control);
    const { lines, rest, missing } = parsed(result, paths);
    const links = [...lines.keys()].filter((path) => lines.get(path)?.startsWith("a"));
    const told = rest.split("\n", 2 * links.length + 2);
    // If this does not hold a link's target has line breaks, or a link has come meanwhile.
    const areClear =
      told.length === 2 * links.length + 1 &&
      links.every((path, i) => told[2 * i] === `=${asBytes(path)}`);
    const found = new Map<string, FileStat | undefined>(missing);
    for (const [path, line] of lines) {
      const at = links.indexOf(path);
      if (at >= 0 && !areClear) continue;
      const target = at < 0 ? "" : `${told[2 * at + 1]}\n`;
      found.set(path, parseStat(path, asText(`${line}\n${target}`)));
    }
    return found;
  }

  async #readAll(paths: readonly string[], control: Control): Promise<Found<Buffer>> {
    const result = await this.#run(`reading ${paths.length} files`, readText(paths), control);
    const { lines, rest, missing } = parsed(result, paths);
    const found = new Map<string, Buffer | undefined>(missing);
    const sizes = [...lines].map(([path, line]) => ({ path, size: sizeOfFile(line) }));
    const files = sizes.filter(({ size }) => size <= mostBytes);
    let at = 0;
    const contents = files.map(({ path, size }) => {
      const from = at + `${at === 0 ? "" : "\n"}==> ${asBytes(path)} <==\n`.length;
      at = from + size;
      return Buffer.from(rest.slice(from, at), "latin1");
    });
    const digests = rest.slice(at).split("\n", files.length + 2);
    // If this holds a file has become longer or shorter meanwhile, or says no size, as those in /proc.
    if (result.exitCode !== 0 || digests.length !== files.length + 1) return found;
    files.forEach(({ path }, i) => {
      const content = contents[i] ?? Buffer.alloc(0);
      const digest = createHash("sha256").update(content).digest("hex");
      if (digests[i]?.replace(/^\\/, "").startsWith(`${digest} `)) found.set(path, content);
    });
    return found;
  }

  #run(name: string, text: string, control: Control): Promise<ExecResult> {
    // Half of that is kept of the beginning of what is printed, which is all that is wanted.
    const maxOutputBytes = 4 * mostFiles * mostBytes;
    const options = { ...control, name, looks: true, maxOutputBytes };
    return this.#exec.next(`export LC_ALL=C; ${text}`, options);
  }
}

const attributes = `stat -c "${attributesFormat}:%n" "$@"`;
const targets = `for f do if [ -h "$f" ]; then printf "=%s\\n" "$f"; readlink "$f"; fi; done`;
const attributesOfEnds = `stat -L -c "${attributesFormat}:%n" "$@"`;

/**
 * Prints what `attributesOfEnds` does, the files that are not too large, and their digests: what is
 * in a file cannot pass for another one, not even if it is replaced in between.
 *
 * Only regular files are read: others may have no end, or wait for somebody to write to them.
 */
function readText(paths: readonly string[]): string {
  return (
    `set -f; IFS="\n"; set -- ${quoteWords(paths)}; all=$(${attributesOfEnds}); ` +
    `printf "%s\\n" "$all"; set --; exec 2>/dev/null; ` +
    `for one in $all; do size=\${one%%:*} size=\${size% *}; case $one in 8*) ` +
    `if [ "\${size##* }" -le ${mostBytes} ]; then set -- "$@" "\${one#*:*:*:}"; fi;; esac; done; ` +
    `if [ $# -gt 0 ]; then head -v -c ${mostBytes} "$@"; exec sha256sum "$@"; fi`
  );
}

/** The size that the line says, or more than all if it is of no file. */
function sizeOfFile(line: string): number {
  return line.startsWith("8") ? Number(line.split(" ")[3]) : Infinity;
}

/** What `attributes` has printed, by path; what was printed after it; and which paths are not there. */
function parsed(
  { stdout, stderr }: ExecResult,
  paths: readonly string[],
): {
  readonly lines: ReadonlyMap<string, string>;
  readonly rest: string;
  readonly missing: ReadonlyMap<string, undefined>;
} {
  const text = stdout.toString("latin1");
  const lines = new Map<string, string>();
  let at = 0;
  for (const path of paths) {
    const end = text.indexOf("\n", at);
    const [, line, name] =
      /^([0-9a-f]+ \d+ \d+ \d+ -?\d+:[^:\n]*:[^:\n]*):([^\n]*)$/.exec(
        text.slice(at, Math.max(at, end)),
      ) ?? [];
    if (line === undefined || name !== asBytes(path)) continue;
    lines.set(path, line);
    at = end + 1;
  }
  const absent = paths.filter((path) => !lines.has(path));
  const complaints = stderr.toString("utf8").split("\n", absent.length + 2);
  const areMissing =
    complaints.pop() === "" &&
    complaints.length === absent.length &&
    complaints.every((one) => notThere.test(one));
  return {
    lines,
    rest: text.slice(at),
    missing: new Map(areMissing ? absent.map((path) => [path, undefined]) : []),
  };
}

const notThere = /: (No such file or directory|Not a directory)$/;

/** The bytes of the text, each as one character. */
function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function asText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
