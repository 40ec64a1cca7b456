import fs from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ownTemporaryDirectory, reasonOf, temporaryHint } from "../../core/index.js";
import { AbortedChange, printable, WrongExecutionContextForImageDump } from "../base/index.js";
import { pristine } from "./elf.js";
import { trailerOf } from "./trailer.js";

/** Leads to the program that this process runs, wherever it has been put since. */
const ownProgram = "/proc/self/exe";

/**
 * The path of the program that this process runs, when an executable made of it can be started here.
 *
 * In a chroot or container that this process has entered its program is not there, or another one is, or
 * the libraries are missing that it is linked with. The program can also have been replaced by an upgrade.
 *
 * @throws WrongExecutionContextForImageDump
 */
export function reachableRuntime(): string {
  const program = process.execPath;
  if (!fileAt(ownProgram)) {
    throw wrong("there is no /proc to tell which program this process runs");
  }
  if (!fileAt(program)) throw wrong(`${program}, which this process runs, is not there`);
  if (!runsFrom(program)) {
    throw wrong(`${program} is not, or not any more, the program that this process runs`);
  }
  for (const library of libraries()) {
    try {
      fs.accessSync(library, fs.constants.R_OK);
    } catch {
      throw wrong(`${library}, which this process uses, is not there`);
    }
  }
  return program;
}

/** Whether this process runs from that very file. */
export function runsFrom(file: string): boolean {
  const [own, there] = [fileAt(ownProgram), fileAt(file)];
  return own !== undefined && own.ino === there?.ino && own.dev === there.dev;
}

function fileAt(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}

/** A directory of this account alone, where executables are made and started. @throws AbortedChange */
export function temporaryDirectory(name: string): string {
  try {
    return ownTemporaryDirectory(name);
  } catch (cause) {
    throw new AbortedChange(reasonOf(cause), { hint: temporaryHint }, { cause });
  }
}

/** The Node of this process. */
export interface Runtime {
  readonly program: Buffer;
  /** Does something with Node as a program that takes flags, which an executable does not. */
  use<T>(work: (node: string) => Promise<T>): Promise<T>;
}

/** The Node that the program is, or that an executable was made of. */
export async function nodeOf(file: string): Promise<Runtime> {
  const bytes = await readFile(file);
  const trailer = trailerOf(bytes);
  if (!trailer) return { program: bytes, use: (work) => work(file) };
  const program = pristine(bytes, trailer.pristine);
  return {
    program,
    async use(work) {
      const directory = temporaryDirectory("consfig-node");
      try {
        const node = path.join(directory, "node");
        await writeFile(node, program, { mode: 0o700 });
        return await work(node);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** Shared libraries by their paths, as this process has mapped them; our own addon is none. */
function libraries(): readonly string[] {
  const mapped = fs.readFileSync("/proc/self/maps", "utf8").split("\n");
  const files = mapped.flatMap(
    (line) => /(\/\S*\.so(?:\.\S*)?(?: \(deleted\))?)$/.exec(line)?.[1] ?? [],
  );
  return [...new Set(files)];
}

function wrong(why: string): WrongExecutionContextForImageDump {
  return new WrongExecutionContextForImageDump(
    `no executable image can be made here: ${printable(why)}`,
    {
      hint: "make it outside of chroots and containers: inOrderUntil(WrongExecutionContextForImageDump, …)",
    },
  );
}
