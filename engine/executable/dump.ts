import { createHash } from "node:crypto";
import { chmod, readFile, stat } from "node:fs/promises";
import { reasonOf, replaceFile } from "../../core/index.js";
import { FileFailed } from "../base/index.js";
import type { Outcome } from "../model/index.js";
import { build } from "./build.js";
import { pristineOf } from "./elf.js";
import { nodeOf, reachableRuntime } from "./runtime.js";
import { type ExecutableTask, scriptBody, scriptFor } from "./script.js";
import { trailerBytes, trailerFor, trailerOf } from "./trailer.js";

/** The version of the way in which executables are made. With another one they are made anew. */
const format = "1";

/**
 * The file is an executable that has this program's modules in it and carries out the task: a whole
 * Node, which needs nothing on the machine but the libraries that it is linked with. It is made anew,
 * and put in the old one's place at once, only if it is not made of the same already.
 *
 * @throws WrongExecutionContextForImageDump and other AbortedChange, FileFailed
 */
export async function dumpExecutable(
  file: string,
  task: ExecutableTask,
  mode = 0o755,
): Promise<Outcome> {
  const runtime = await nodeOf(reachableRuntime());
  const script = scriptFor(await scriptBody(), task);
  const madeOf = sha256(format, sha256(runtime.program), script);
  if (await isMadeOf(file, madeOf)) {
    if (((await stat(file)).mode & 0o7777) === mode) return "unchanged";
    await chmod(file, mode);
    return "changed";
  }
  const executable = await runtime.use((node) => build(node, runtime.program, script));
  const content = sha256(executable);
  const trailer = trailerFor({ pristine: pristineOf(runtime.program), madeOf, content });
  await replace(file, [executable, trailer], mode);
  return "changed";
}

async function isMadeOf(file: string, madeOf: Buffer): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined);
  const trailer = bytes && trailerOf(bytes);
  if (!bytes || !trailer?.madeOf.equals(madeOf)) return false;
  return sha256(bytes.subarray(0, bytes.length - trailerBytes)).equals(trailer.content);
}

/** The file is those bytes, at every instant wholly old or wholly new, even while it is running. */
async function replace(file: string, bytes: readonly Buffer[], mode: number): Promise<void> {
  try {
    await replaceFile(file, { mode: 0o600, prefix: ".consfig-" }, async (handle) => {
      for (const part of bytes) await handle.writeFile(part);
      await handle.chmod(mode);
      await handle.sync();
    });
  } catch (error) {
    throw new FileFailed(`${file} could not be written: ${reasonOf(error)}`, { path: file });
  }
}

function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
