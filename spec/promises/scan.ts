/** Looks for texts where they must not be: in what processes say of themselves, memory, files. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { run } from "../testbed/run.js";

/** Texts by name. A text is looked for as it is and in base64. */
export type Needles = Readonly<Record<string, string>>;

function waysToWrite(text: string): readonly string[] {
  return [text, Buffer.from(text).toString("base64").replace(/.?=*$/, "")];
}

/** The names of those that are in the text. */
export function namesIn(haystack: string, needles: Needles): string[] {
  const isIn = (text: string) => waysToWrite(text).some((way) => haystack.includes(way));
  return Object.keys(needles).filter((name) => isIn(needles[name] ?? ""));
}

/** All processes in the process namespace of that one. */
export function processesLike(pid: number): number[] {
  const namespace = readlinkSync(`/proc/${pid}/ns/pid`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name) === namespace)
    .map(Number);
}

function namespaceOf(pid: string): string | undefined {
  return glance(() => readlinkSync(`/proc/${pid}/ns/pid`));
}

/** What is read of a process, which may end at any time. */
function glance(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The number that the process has for itself. */
export function ownNumber(pid: number): number {
  const status = glance(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "";
  return Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1]);
}

/** The name of the program that the process runs. */
export function programOf(pid: number): string | undefined {
  return glance(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
}

/** The names of the texts that everybody, or its account, can see of the process: `argv NAME` and `environ NAME`. */
export function shownBy(pid: number, needles: Needles): string[] {
  return [
    ["argv", "cmdline"],
    ["environ", "environ"],
  ].flatMap(([what, file]) => {
    const text = glance(() => readFileSync(`/proc/${pid}/${file}`, "utf8")) ?? "";
    return namesIn(text, needles).map((name) => `${what} ${name}`);
  });
}

/** The names of the texts that the process has in memory, in either of V8's representations or in base64. */
export function inMemory(pid: number, needles: Needles): string[] {
  return inBytes(mappings(pid), needles);
}

/** The names of the texts that the file has in it, in either of V8's representations or in base64. */
export function inFile(file: string, needles: Needles): string[] {
  return inBytes([readFileSync(file)], needles);
}

function inBytes(pieces: Iterable<Buffer>, needles: Needles): string[] {
  const found = new Set<string>();
  const wanted = Object.entries(needles).map(([name, text]) => {
    const ways = [
      ...waysToWrite(text).map((way) => Buffer.from(way)),
      Buffer.from(text, "utf16le"),
    ];
    return [name, ways] as const;
  });
  for (const bytes of pieces) {
    for (const [name, ways] of wanted) {
      if (ways.some((way) => bytes.includes(way))) found.add(name);
    }
  }
  return [...found].toSorted();
}

function* mappings(pid: number): Generator<Buffer> {
  let memory: number | undefined;
  try {
    memory = openSync(`/proc/${pid}/mem`, "r");
    for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from !== undefined && to !== undefined) {
        yield mapped(memory, BigInt(`0x${from}`), BigInt(`0x${to}`));
      }
    }
  } catch {
    // it has ended
  } finally {
    if (memory !== undefined) closeSync(memory);
  }
}

function mapped(memory: number, from: bigint, to: bigint): Buffer {
  const bytes = Buffer.alloc(Number(to - from));
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, bytes.length, from));
  } catch {
    return Buffer.alloc(0); // some mappings cannot be read
  }
}

/** The files below the root directory that have the texts, by the texts' names. */
export async function filesWith(
  root: string,
  needles: Needles,
): Promise<Readonly<Record<string, readonly string[]>>> {
  // The kernel's own file systems are no place to keep anything.
  const where = ["--exclude-dir=proc", "--exclude-dir=sys", `${root}/`];
  const input = Object.values(needles).flatMap(waysToWrite).join("\n");
  const { stdout, stderr, code } = await run("grep", ["-raoHF", "-f", "-", ...where], { input });
  if (code > 1) throw new Error(stderr);
  const found = Object.keys(needles).map((name): [string, Set<string>] => [name, new Set()]);
  for (const [, file = "", text = ""] of stdout.matchAll(/^(.*):(.*)$/gm)) {
    for (const [name, files] of found) {
      if (namesIn(text, needles).includes(name)) files.add(file.slice(root.length));
    }
  }
  return Object.fromEntries(found.map(([name, files]) => [name, [...files].toSorted()]));
}
