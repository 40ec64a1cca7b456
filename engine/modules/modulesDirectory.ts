import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import { foreignPart, replaceFileSync } from "../../core/index.js";
import { BrokenModules } from "../base/index.js";
import { loadAddon } from "./addon.js";
import { type CachedScript, type CodeStore, cachedScript } from "./codeCache.js";
import type { ModuleSource, Wrapper } from "./load.js";
import { beginning, consfigKey, type Manifest } from "./moduleSet.js";
import { markUsed, modulePath, pruneModules, readModule } from "./store.js";

/** Node's own class, with the method that makes a module's text run, which its types do not know. */
type CompilingModule = Module & { _compile(text: string, filename: string): void };

/** The module files that a Node image was made of, and their directory. */
export interface KeptModules {
  /** A file's bytes; undefined if there is no such file. @throws BrokenModules when it is not what it was */
  bytesOf(hash: string): Uint8Array | undefined;
  /** Keeps the code of what was loaded, so that the next process starts faster. */
  keepCode(): void;
  /** Removes what nobody has loaded lately. */
  prune(): void;
}

/**
 * A directory of module files, and of code compiled from them beside them. Files whose bytes are given are not read
 * again; where an account has no directory of its own, all are given.
 */
export class ModulesDirectory implements ModuleSource, CodeStore, KeptModules {
  readonly #directory: string | undefined;
  readonly #held: ReadonlyMap<string, Uint8Array>;
  readonly #scripts: CachedScript[] = [];

  constructor(directory: string | undefined, held: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#directory = directory;
    this.#held = held;
  }

  manifest(id: string): Manifest {
    try {
      const text = this.#read(id, "the set").toString();
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
    const text = this.#read(hash, key).toString();
    if (key === consfigKey) return own(text, filename);
    // A package is large and changes seldom, so its compiled code is kept.
    const script = cachedScript(text.slice(beginning.length), filename, this, hash);
    this.#scripts.push(script);
    return script.script.runInThisContext() as Wrapper;
  }

  addon(hash: string, id: string): unknown {
    return loadAddon(this.#read(hash, id), id);
  }

  bytesOf(hash: string): Uint8Array | undefined {
    const isHere = this.#directory !== undefined && existsSync(modulePath(this.#directory, hash));
    return isHere || this.#held.has(hash) ? this.#read(hash, hash) : undefined;
  }

  keepCode(): void {
    for (const script of this.#scripts) script.keep();
  }

  prune(): void {
    if (this.#directory !== undefined) pruneModules(this.#directory);
  }

  readCode(name: string): Buffer | undefined {
    const file = this.#codePath(name);
    if (file === undefined) return undefined;
    try {
      const code = readFileSync(file);
      markUsed(file);
      return code;
    } catch {
      return undefined;
    }
  }

  writeCode(name: string, code: Buffer): void {
    const file = this.#codePath(name);
    if (file !== undefined) replaceFileSync(file, code, { mode: 0o600 });
  }

  /** Compiled code has no hash that it must have: it is kept only where nobody else can put it. */
  #codePath(name: string): string | undefined {
    const isOurs = this.#directory !== undefined && foreignPart(this.#directory) === undefined;
    return isOurs ? path.join(this.#directory, name) : undefined;
  }

  #read(hash: string, name: string): Buffer {
    const held = this.#held.get(hash);
    if (held === undefined) return readModule(this.#directory, hash, name);
    if (this.#directory !== undefined) markUsed(modulePath(this.#directory, hash));
    return Buffer.from(held.buffer, held.byteOffset, held.length);
  }
}

/** Loads the consfig's own file: Node maps its errors to the sources, which are named beside the file. */
function own(text: string, filename: string): Wrapper {
  process.setSourceMapsEnabled(true);
  const module = new Module(filename) as CompilingModule;
  module._compile(text, filename);
  return module.exports as Wrapper;
}
