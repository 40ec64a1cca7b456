/**
 * Looks at files, many by one command: checks of many properties look at once, and to start programs
 * for each of them would be most of what a host with nothing to do has to do.
 */
import { FileNotFound } from "../errors.js";
import type { FileStat } from "../hostAccess.js";
import { quoteWords } from "../sh.js";
import {
  attributesFormat,
  type Control,
  type ExecText,
  parseStat,
  readOne,
  statOne,
} from "./files.js";
import { type Found, Gathered, mostFiles } from "./gathered.js";
import type { ExecResult } from "./options.js";

/** Larger ones are read by themselves. */
const mostBytes = 128 * 1024;

/** The looks at files of one session. */
export class FileLooks {
  readonly #exec: ExecText;
  readonly #stats = new Gathered<FileStat>((paths, control) => this.#statAll(paths, control));
  readonly #ends = new Gathered<FileStat>((paths, control) => this.#statEnds(paths, control));
  readonly #reads = new Gathered<Buffer>((paths, control) => this.#readAll(paths, control));

  constructor(exec: ExecText) {
    this.#exec = exec;
  }

  /** What is at the path, or where a symlink there leads to; undefined if nothing is. */
  stat(path: string, control: Control, follow: boolean): Promise<FileStat | undefined> {
    const gathered = follow ? this.#ends : this.#stats;
    return gathered.ask(path, control, () => statOne(this.#exec, path, control, follow));
  }

  /** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge */
  async read(path: string, control: Control): Promise<Buffer> {
    const found = await this.#reads.ask(path, control, () => readOne(this.#exec, path, control));
    if (found) return found;
    throw new FileNotFound(`${path} is not there`, { path });
  }

  /** What was asked for until now is asked for before anything else. */
  flush(): void {
    this.#stats.flush();
    this.#ends.flush();
    this.#reads.flush();
  }

  async #statAll(paths: readonly string[], control: Control): Promise<Found<FileStat>> {
    const result = await this.#run(
      `looking at ${paths.length} files`,
      `set -- ${quoteWords(paths)}; ${attributes}; ` +
        `for f do if [ -h "$f" ]; then printf "=%s\\n" "$f"; readlink "$f"; fi; done`,
      control,
    );
    const { lines, rest, missing } = parsed(result, paths);
    const links = [...lines.keys()].filter((path) => lines.get(path)?.startsWith("a"));
    const targets = rest.split("\n");
    // Otherwise there are line breaks in one of them, or one has come meanwhile.
    const areClear =
      targets.length === 2 * links.length + 1 &&
      links.every((path, i) => targets[2 * i] === `=${asBytes(path)}`);
    const found = new Map<string, FileStat | undefined>(missing);
    for (const [path, line] of lines) {
      const at = links.indexOf(path);
      if (at >= 0 && !areClear) continue;
      const target = at < 0 ? "" : `${targets[2 * at + 1]}\n`;
      found.set(path, parseStat(path, asText(`${line}\n${target}`)));
    }
    return found;
  }

  async #statEnds(paths: readonly string[], control: Control): Promise<Found<FileStat>> {
    const text = `set -- ${quoteWords(paths)}; exec ${attributesOfEnds}`;
    const result = await this.#run(`looking at ${paths.length} files`, text, control);
    const { lines, missing } = parsed(result, paths);
    const there = [...lines].map(
      ([path, line]) => [path, parseStat(path, asText(`${line}\n`))] as const,
    );
    return new Map<string, FileStat | undefined>([...missing, ...there]);
  }

  async #readAll(paths: readonly string[], control: Control): Promise<Found<Buffer>> {
    const result = await this.#run(
      `reading ${paths.length} files`,
      // What is no file may have no end, or wait for somebody to write to it.
      `set -- ${quoteWords(paths)}; ${attributesOfEnds}; ` +
        `for f do shift; if [ -f "$f" ]; then set -- "$@" "$f"; fi; done; ` +
        `if [ $# -gt 0 ]; then exec head -v -c ${mostBytes} "$@"; fi`,
      control,
    );
    const { lines, rest, missing } = parsed(result, paths);
    const found = new Map<string, Buffer | undefined>(missing);
    let at = 0;
    for (const [path, line] of lines) {
      if (!line.startsWith("8")) continue;
      const header = `${at === 0 ? "" : "\n"}==> ${asBytes(path)} <==\n`;
      const size = Number(line.split(" ")[3]);
      const from = at + header.length;
      if (!rest.startsWith(header, at)) return missing;
      at = from + Math.min(size, mostBytes);
      if (size <= mostBytes) found.set(path, Buffer.from(rest.slice(from, at), "latin1"));
    }
    // Otherwise one has become longer or shorter meanwhile, or has no size, as those in /proc.
    return at === rest.length ? found : missing;
  }

  #run(name: string, text: string, control: Control): Promise<ExecResult> {
    const maxOutputBytes = 4 * mostFiles * mostBytes;
    return this.#exec(`export LC_ALL=C; ${text}`, {
      ...control,
      name,
      looks: true,
      maxOutputBytes,
    });
  }
}

const attributes = `stat -c "${attributesFormat}:%n" "$@"`;
const attributesOfEnds = `stat -L -c "${attributesFormat}:%n" "$@"`;

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
      /^([0-9a-f]+ \d+ \d+ \d+ -?\d+:[^:]*:[^:]*):(.*)$/.exec(text.slice(at, Math.max(at, end))) ??
      [];
    if (line === undefined || name !== asBytes(path)) continue;
    lines.set(path, line);
    at = end + 1;
  }
  const absent = paths.filter((path) => !lines.has(path));
  const complaints = stderr.toString("utf8").split("\n").slice(0, -1);
  const areMissing =
    complaints.length === absent.length && complaints.every((one) => notThere.test(one));
  return {
    lines,
    rest: text.slice(at),
    missing: new Map(areMissing ? absent.map((path) => [path, undefined]) : []),
  };
}

const notThere = /: (No such file or directory|Not a directory)$/;

/** Text of which each character is a byte of the other's. */
function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function asText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
