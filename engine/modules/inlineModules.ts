import { BrokenModules } from "../base/index.js";
import { loadAddon } from "./addon.js";
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

  addon(hash: string, id: string): unknown {
    return loadAddon(Buffer.from(this.#inlined.addons[hash] ?? "", "base64"), id);
  }
}
