import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { makeOwnDirectory, replaceFileSync } from "../../core/index.js";
import { BrokenModules } from "../base/index.js";
import { hashOf, type ModuleFile } from "./moduleSet.js";

const dayMs = 24 * 60 * 60 * 1000;
/** A file that nobody has loaded for so long is removed. */
const keptMs = 30 * dayMs;

/** The path of a kept file. Node goes by the suffix, whatever `package.json` lies above. */
export function modulePath(directory: string, hash: string): string {
  return path.join(directory, `${hash}.cjs`);
}

/** Keeps the files that are not there yet, for this account alone. @throws Error in a place that is not ours */
export function keepModules(directory: string, files: readonly ModuleFile[]): void {
  makeOwnDirectory(directory);
  for (const { hash, bytes } of files) {
    const file = modulePath(directory, hash);
    // One of another size was cut short. What else may be wrong with it is seen when it is loaded.
    if (statSync(file, { throwIfNoEntry: false })?.size !== bytes.length) {
      replaceFileSync(file, bytes, { mode: 0o600 });
    }
  }
}

/** A kept file's bytes. @throws BrokenModules when it is missing, or not what it was */
export function readModule(directory: string | undefined, hash: string, name: string): Buffer {
  if (directory === undefined) throw new BrokenModules(`the modules of ${name} are not here`);
  const file = modulePath(directory, hash);
  const facts = { file, hash, name };
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const hint = "send the modules that are missing, then load them again";
    const message = `the modules of ${name} cannot be read from ${file}`;
    throw new BrokenModules(message, { ...facts, hint }, { cause });
  }
  if (hashOf(bytes) !== hash) {
    const hint = "find out who has changed it, remove it, and send it again";
    throw new BrokenModules(`the modules of ${name} are not what was sent: ${file}`, {
      ...facts,
      hint,
    });
  }
  markUsed(file);
  return bytes;
}

/** Removes what nobody has loaded for a month. */
export function pruneModules(directory: string, now = Date.now()): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat && now - stat.mtimeMs > keptMs) rmSync(file, { force: true });
  }
}

/** Notes that the file was used, at most once a day. */
export function markUsed(file: string): void {
  try {
    const now = new Date();
    if (now.getTime() - statSync(file).mtimeMs > dayMs) utimesSync(file, now, now);
  } catch {
    // Somebody else's file, or a file system that is read-only: it will be sent again some day.
  }
}
