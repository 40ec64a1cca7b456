import { readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import { replaceFileSync } from "../../core/index.js";
import { BrokenModules } from "../base/index.js";
import { type CachedScript, type CodeStore, cachedScript } from "./codeCache.js";
import type { ModuleSource, Wrapper } from "./load.js";
import { beginning, consfigKey, type Manifest } from "./moduleSet.js";
import { isPrivate, markUsed, modulePath, readModule } from "./store.js";

/** Node's own class, with the method that makes a module's text run, which its types do not know. */
type CompilingModule = Module & { _compile(text: string, filename: string): void };

/** A directory of module files, and of code compiled from them beside them. */
export class ModulesDirectory implements ModuleSource, CodeStore {
  readonly #directory: string;
  readonly #scripts: CachedScript[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  manifest(id: string): Manifest {
    try {
      const text = readModule(this.#directory, id, "the set").toString();
      const { entry, beside, packages, addons } = JSON.parse(text) as Partial<Manifest>;
      if (typeof entry === "string" && beside && packages && addons) {
        return { entry, beside, packages, addons };
      }
    } catch (error) {
      if (error instanceof BrokenModules) throw error;
      // The file is no JSON: it is another file of a set.
    }
    const hint = "load the file that lists the others";
    throw new BrokenModules("this is no list of modules", { hint });
  }

  wrapper(hash: string, key: string, filename: string): Wrapper {
    const text = readModule(this.#directory, hash, key).toString();
    if (key === consfigKey) return own(text, filename);
    // A package is large and changes seldom, so its compiled code is kept.
    const script = cachedScript(text.slice(beginning.length), filename, this, hash);
    this.#scripts.push(script);
    return script.script.runInThisContext() as Wrapper;
  }

  addon(hash: string, id: string): unknown {
    readModule(this.#directory, hash, id);
    const module = { exports: {} };
    process.dlopen(module, modulePath(this.#directory, hash));
    return module.exports;
  }

  /** Keeps the code of what was loaded, so that the next process starts faster. */
  keepCode(): void {
    for (const script of this.#scripts) script.keep();
  }

  readCode(name: string): Buffer | undefined {
    if (!isPrivate(this.#directory)) return undefined;
    const file = path.join(this.#directory, name);
    try {
      const code = readFileSync(file);
      markUsed(file);
      return code;
    } catch {
      return undefined;
    }
  }

  writeCode(name: string, code: Buffer): void {
    if (!isPrivate(this.#directory)) return;
    replaceFileSync(path.join(this.#directory, name), code, { mode: 0o600 });
  }
}

/** Loads the consfig's own file: Node maps its errors to the sources, which are named beside the file. */
function own(text: string, filename: string): Wrapper {
  process.setSourceMapsEnabled(true);
  const module = new Module(filename) as CompilingModule;
  module._compile(text, filename);
  return module.exports as Wrapper;
}
