import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BrokenModules } from "../base/index.js";
import { type BuiltinNames, lateBuiltin } from "./builtins.js";
import type { ModuleSource, Wrapper } from "./load.js";
import type { Manifest } from "./moduleSet.js";

/** What an executable has in it, by hash. */
export interface Inlined {
  readonly manifest: Manifest;
  readonly wrappers: Readonly<Record<string, Wrapper>>;
  readonly builtins: BuiltinNames;
  /** Of this platform alone, in base64. */
  readonly addons: Readonly<Record<string, string>>;
}

/** The modules in an executable. */
export class InlineModules implements ModuleSource {
  readonly #inlined: Inlined;

  constructor(inlined: Inlined) {
    this.#inlined = inlined;
  }

  manifest(): Manifest {
    return this.#inlined.manifest;
  }

  wrapper(hash: string, key: string): Wrapper {
    const wrapper = this.#inlined.wrappers[hash];
    if (wrapper) return wrapper;
    throw new BrokenModules(`the modules of ${key} are not in this executable`);
  }

  builtin(id: string, load: () => unknown): unknown {
    return lateBuiltin(id, this.#inlined.builtins, load);
  }

  /** Writes the addon to a file only for as long as loading takes: there is no way without a file. */
  addon(hash: string, id: string): unknown {
    const bytes = Buffer.from(this.#inlined.addons[hash] ?? "", "base64");
    const failures: unknown[] = [];
    for (const directory of [process.env.XDG_RUNTIME_DIR, "/dev/shm", "/run", "/tmp", "/var/tmp"]) {
      if (!directory) continue;
      const file = path.join(directory, `.consfig-${randomBytes(12).toString("hex")}.node`);
      try {
        writeFileSync(file, bytes, { mode: 0o700, flag: "wx" });
        const module = { exports: {} };
        process.dlopen(module, file);
        return module.exports;
      } catch (error) {
        failures.push(error); // not ours to write, or nothing may be run from there
      } finally {
        rmSync(file, { force: true });
      }
    }
    const [cause] = failures;
    throw new BrokenModules(`${id} cannot be loaded: ${String(cause)}`, {}, { cause });
  }
}
