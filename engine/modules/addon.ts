import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { foreignAbove } from "../../core/index.js";
import { BrokenModules } from "../base/index.js";

/**
 * What the native addon in these bytes exports; its id is for errors.
 *
 * The system loads a program's text from a file. This one has no name any more when it is loaded, and nobody else
 * may open it: what is loaded are the bytes.
 *
 * @throws BrokenModules
 */
export function loadAddon(bytes: Uint8Array, id: string): unknown {
  const failures: unknown[] = [];
  for (const directory of [process.env.XDG_RUNTIME_DIR, "/dev/shm", "/run", "/tmp", "/var/tmp"]) {
    if (!directory) continue;
    try {
      const foreign = foreignAbove(directory);
      if (foreign === undefined) return loadedIn(directory, bytes);
      failures.push(new Error(foreign));
    } catch (error) {
      failures.push(error); // not ours to write, or nothing may be run from there
    }
  }
  const [cause] = failures;
  throw new BrokenModules(`${id} cannot be loaded: ${String(cause)}`, {}, { cause });
}

function loadedIn(directory: string, bytes: Uint8Array): unknown {
  const file = path.join(directory, `.consfig-${randomBytes(12).toString("hex")}.node`);
  const fd = openSync(file, "wx+", 0o700);
  try {
    rmSync(file);
    writeFileSync(fd, bytes);
    const module = { exports: {} };
    process.dlopen(module, `/proc/self/fd/${fd}`);
    return module.exports;
  } finally {
    closeSync(fd);
  }
}
