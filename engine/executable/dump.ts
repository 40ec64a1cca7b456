import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileFailed } from "../errors.js";
import { moduleRequirements } from "../modules/requirements.js";
import type { Outcome } from "../propspec.js";
import { build } from "./build.js";
import { type Pristine, pristine, pristineOf } from "./elf.js";
import { reachableRuntime } from "./runtime.js";
import { executableScript, type Task } from "./script.js";

/** Follows everything else in an executable: what it was made of, and whether it is whole. */
const trailerBytes = 8 + 3 * 8 + 32 + 32;
const magic = Buffer.from("consfig\0");
/** What makes executables: another way to make them makes other ones. */
const format = "1";

interface Trailer {
  readonly pristine: Pristine;
  readonly madeOf: Buffer;
  readonly content: Buffer;
}

/**
 * The file is an executable that has this program's modules in it and carries out the task: a whole
 * Node, which needs nothing on the machine but the libraries that it is linked with. It is made anew,
 * and put in the old one's place at once, only if it is not made of the same already.
 *
 * @throws WrongExecutionContextForImageDump and other AbortedChange, FileFailed
 */
export async function dumpExecutable(file: string, task: Task, mode = 0o755): Promise<Outcome> {
  const runtime = await nodeOf(reachableRuntime());
  const script = executableScript(await moduleRequirements(), task);
  const madeOf = sha256(format, sha256(runtime.program), script);
  if (await isMadeOf(file, madeOf)) {
    if (((await stat(file)).mode & 0o7777) === mode) return "unchanged";
    await chmod(file, mode);
    return "changed";
  }
  const executable = await runtime.use((node) => build(node, runtime.program, script));
  const trailer = Buffer.alloc(trailerBytes);
  const { length, table, count } = pristineOf(runtime.program);
  magic.copy(trailer);
  for (const [index, number] of [length, table, count].entries()) {
    trailer.writeBigUInt64LE(BigInt(number), 8 + index * 8);
  }
  madeOf.copy(trailer, 32);
  sha256(executable).copy(trailer, 64);
  await replace(file, [executable, trailer], mode);
  return "changed";
}

/** Whether this process runs from that very file. */
export async function runsFrom(file: string): Promise<boolean> {
  const [own, there] = await Promise.all(
    ["/proc/self/exe", file].map((one) => stat(one).catch(() => undefined)),
  );
  return own !== undefined && own.ino === there?.ino && own.dev === there.dev;
}

interface Runtime {
  readonly program: Buffer;
  /** Node as a program that takes flags: an executable does not. */
  use<T>(work: (node: string) => Promise<T>): Promise<T>;
}

async function nodeOf(file: string): Promise<Runtime> {
  const bytes = await readFile(file);
  const trailer = trailerOf(bytes);
  if (!trailer) return { program: bytes, use: (work) => work(file) };
  const program = pristine(bytes, trailer.pristine);
  return {
    program,
    async use(work) {
      const directory = await mkdtemp(path.join(tmpdir(), "consfig-node-"));
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

function trailerOf(bytes: Buffer): Trailer | undefined {
  const at = bytes.length - trailerBytes;
  if (at < 0 || !bytes.subarray(at, at + magic.length).equals(magic)) return undefined;
  const [length = 0, table = 0, count = 0] = [0, 1, 2].map((index) =>
    Number(bytes.readBigUInt64LE(at + 8 + index * 8)),
  );
  const hash = (from: number) => bytes.subarray(at + from, at + from + 32);
  return { pristine: { length, table, count }, madeOf: hash(32), content: hash(64) };
}

async function isMadeOf(file: string, madeOf: Buffer): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined);
  const trailer = bytes && trailerOf(bytes);
  if (!bytes || !trailer?.madeOf.equals(madeOf)) return false;
  return sha256(bytes.subarray(0, bytes.length - trailerBytes)).equals(trailer.content);
}

/** The file is those bytes, at every instant wholly old or wholly new, even while it is running. */
async function replace(file: string, bytes: readonly Buffer[], mode: number): Promise<void> {
  const fresh = path.join(path.dirname(file), `.consfig-${randomBytes(12).toString("hex")}`);
  try {
    const handle = await open(fresh, "wx", 0o600);
    try {
      for (const part of bytes) await handle.writeFile(part);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new FileFailed(`${file} could not be written: ${why}`, { path: file });
  }
}

function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
