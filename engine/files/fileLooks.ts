/**
 * Looks at files, many by one command: checks of many properties look at once, and to start programs
 * for each of them would be most of what a host with nothing to do has to do.
 */
import { createHash } from "node:crypto";
import { FileNotFound, quoteWords, shellText } from "../base/index.js";
import type { FileStat } from "../model/index.js";
import type { Control, ExecLanes, ExecResult } from "../shell/index.js";
import { type Alone, Batcher, type Found, mostFiles } from "./batcher.js";
import { attributesFormat, parseStat, readOne, statOne } from "./lookAtOne.js";

/** A larger file is read by a command of its own. */
const mostBytes = 128 * 1024;

/** The looks at files of one session. */
export class FileLooks {
  readonly #exec: ExecLanes;
  readonly #stats: Batcher<FileStat>;
  readonly #reads: Batcher<Buffer>;

  constructor(exec: ExecLanes) {
    this.#exec = exec;
    // The command for many is shorter. It runs more programs to read one file than the one for that.
    this.#stats = new Batcher(exec, 1, (paths, control) => this.#statAll(paths, control));
    this.#reads = new Batcher(exec, 2, (paths, control) => this.#readAll(paths, control));
  }

  /** What is at the path, or where a symlink there leads to; undefined if nothing is. */
  async stat(path: string, control: Control, follow: boolean): Promise<FileStat | undefined> {
    const alone: Alone<FileStat> = (exec) => statOne(exec, path, control, follow);
    const found = await this.#stats.ask(path, control, alone);
    return follow && found?.type === "symlink" ? alone(this.#exec.again) : found;
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
    this.#reads.flush();
  }

  async #statAll(paths: readonly string[], control: Control): Promise<Found<FileStat>> {
    const { directories, names } = withDirectories(paths);
    const text = `set -- ${quoteWords(names)}; ${attributes}; ${targets}`;
    const result = await this.#run(`looking at ${paths.length} files`, text, control);
    const { lines, rest, missing } = parsed(result, names);
    const isLink = (path: string) => lines.get(path)?.startsWith("a") ?? false;
    const links = [...lines.keys()].filter(isLink);
    const told = rest.split("\n", 2 * links.length + 2);
    // If this does not hold a link's target has line breaks, or a link has come meanwhile.
    const areClear =
      told.length === 2 * links.length + 1 &&
      links.every((path, i) => told[2 * i] === `=${asBytes(path)}`);
    const found = new Map<string, FileStat | undefined>();
    for (const path of paths) {
      // Whether a symlink on the way may be followed has to be found out.
      if (directories.get(path)?.some(isLink)) continue;
      const line = lines.get(path);
      const at = links.indexOf(path);
      if (missing.has(path)) found.set(path, undefined);
      if (line === undefined || (at >= 0 && !areClear)) continue;
      const target = at < 0 ? "" : `${told[2 * at + 1]}\n`;
      found.set(path, parseStat(path, asText(`${line}\n${target}`)));
    }
    return found;
  }

  async #readAll(paths: readonly string[], control: Control): Promise<Found<Buffer>> {
    const { directories, names } = withDirectories(paths);
    const result = await this.#run(`reading ${paths.length} files`, readText(names), control);
    const { lines, rest, missing } = parsed(result, names);
    const isLink = (path: string) => lines.get(path)?.startsWith("a") ?? false;
    const absent = paths.filter((one) => missing.has(one) && !directories.get(one)?.some(isLink));
    const found = new Map<string, Buffer | undefined>(absent.map((path) => [path, undefined]));
    const contents = new Map<string, Buffer>();
    let at = 0;
    for (const path of names) {
      const header = `${at === 0 ? "" : "\n"}==> ${asBytes(path)} <==\n`;
      if (!rest.startsWith(header, at)) continue;
      const from = at + header.length;
      at = from + sizeOf(lines.get(path));
      contents.set(path, Buffer.from(rest.slice(from, at), "latin1"));
    }
    const digests = rest.slice(at).split("\n", contents.size + 2);
    // If this holds a file has become longer or shorter meanwhile, or says no size, as those in /proc.
    if (result.exitCode !== 0 || digests.length !== contents.size + 1) return found;
    [...contents].forEach(([path, content], i) => {
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

/** The paths' directories, from the root on; and all of that together, each before what is in it. */
function withDirectories(paths: readonly string[]): {
  readonly directories: ReadonlyMap<string, readonly string[]>;
  readonly names: readonly string[];
} {
  const directories = new Map(paths.map((path) => [path, directoriesOf(path)]));
  return { directories, names: [...new Set([...directories.values()].flat().concat(paths))] };
}

function directoriesOf(path: string): readonly string[] {
  const names = path.split("/").slice(1, -1);
  return ["/", ...names.map((_name, i) => `/${names.slice(0, i + 1).join("/")}`)];
}

/**
 * Prints what `attributes` does, the files that are not too large, and their digests: what is in a
 * file cannot pass for another one, not even if it is replaced in between.
 *
 * Only regular files are read, and only where nobody but uid 0 and we can exchange them: others may
 * have no end, or wait for somebody to write to them.
 */
function readText(names: readonly string[]): string {
  return (
    `set -f; newline="\n"; IFS=$newline; set -- ${quoteWords(names)}; all=$(${attributes}); ` +
    shellText`
      printf "%s\n" "$all"; set --; exec 2>/dev/null; open=; sticky=$newline;
      for one in $all; do
        what=\${one%%:*}; name=\${one#*:*:*:}; uid=\${what#* }; uid=\${uid%% *};
        mine=; if [ "$uid" = 0 ] || [ "$uid" = "\${me:=$(id -u)}" ]; then mine=1; fi;
        case $sticky in *"$newline\${name%/*}/$newline"*)
          if [ -z "$mine" ]; then open="$open$name$newline"; fi;;
        esac;
        case $mine$one in
          1[48]*)
            if [ $((0x\${what%% *} & 022)) = 0 ]; then :;
            elif [ $((0x\${what%% *} & 01000)) != 0 ]; then sticky=$sticky\${name%/}/$newline;
            else open="$open\${name%/}/$newline"; fi;;
          4*|1a*|a*) open="$open\${name%/}/$newline";;
        esac;
        case $one in 8*) ;; *) continue;; esac;
        size=\${what% *}; if [ "\${size##* }" -gt ${String(mostBytes)} ]; then continue; fi;
        for one in $open; do case $name in "$one"*) continue 2;; esac; done;
        set -- "$@" "$name";
      done;
      if [ $# -gt 0 ]; then head -v -c ${String(mostBytes)} "$@"; exec sha256sum "$@"; fi
    `
  );
}

/** The size that the line says. */
function sizeOf(line = ""): number {
  return Number(line.split(" ")[3]);
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
