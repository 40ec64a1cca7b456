/**
 * Loads bundled modules, in the root process, on hosts and in executables: this file and what it
 * imports are all that a host's Node starts with, so they use nothing but Node. Everything is
 * synchronous and in memory before the first module runs, and no thread is started.
 */
import { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ModuleNotHere } from "../base/index.js";
import { consfigKey, type Manifest, partsOf } from "./moduleSet.js";

/** What a process has besides the module files. */
export interface Surroundings {
  /** Where packages are in the file system, by key, for `import.meta` and positions in errors. */
  readonly places?: Readonly<Record<string, string>>;
  /** The modules that this process has already, by id: the ones the consfig gets. */
  readonly running?: ReadonlyMap<string, unknown>;
  /** Gets a module that does not travel from where it is. */
  readonly outside?: (id: string) => unknown;
}

/** Where module files are, each known by its hash. */
export interface ModuleSource {
  /** What is in the file that lists the others. @throws BrokenModules */
  manifest(id: string): Manifest;
  /** What is in a package's file, which seems to lie there. @throws BrokenModules */
  wrapper(hash: string, key: string, filename: string): Wrapper;
  /** What an addon exports; its id is for errors. @throws BrokenModules */
  addon(hash: string, id: string): unknown;
  /** A module of Node's own, in another way than it would be loaded. Left out: in that way. */
  builtin?(id: string, load: () => unknown): unknown;
}

/** Modules that have been loaded. */
export interface LoadedModules {
  /** What the consfig exports. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** A module by id, e.g. `consfigurator/engine/index.js`; there is one instance of each. */
  readonly require: (id: string) => unknown;
}

type Meta = Readonly<Record<"url" | "dirname" | "filename", string>>;
/** The function in a module file; it gives the modules that others may ask for. */
export type Wrapper = (
  require: (id: string) => unknown,
  module: { exports: Record<string, () => unknown> },
  exports: object,
  meta: (file: string) => Meta,
) => void;
interface Package {
  readonly define: Wrapper;
  exports?: Record<string, () => unknown>;
}

/** Where the consfig seems to be on a host, which has none of its sources. */
const nowhere = "/consfig";

const builtins = createRequire(path.join(nowhere, "consfig.cjs"));

/**
 * Loads the set of that id.
 *
 * @throws BrokenModules when a file is missing or not what it was, before any module has run.
 */
export function loadModules(
  source: ModuleSource,
  id: string,
  { places = {}, running = new Map(), outside = notHere }: Surroundings = {},
): LoadedModules {
  const { entry, beside, packages, addons } = source.manifest(id);
  const loaded = new Map<string, Package>();
  const present = new Set([...running.keys()].map((one) => partsOf(one).key));
  for (const [key, hash] of Object.entries(packages)) {
    if (present.has(key)) continue;
    const filename =
      key === consfigKey ? path.join(placeOf(key), "consfig.modules.cjs") : codeOf(key);
    loaded.set(key, { define: source.wrapper(hash, key, filename) });
  }
  const instances = new Map<string, unknown>();
  const exports = { ...(requireModule(entry) as Record<string, unknown>) };
  beside.forEach(requireModule);
  return { exports, require: requireModule };

  function requireModule(wanted: string): unknown {
    if (isBuiltin(wanted)) {
      const load = (): unknown => builtins(wanted);
      return source.builtin ? source.builtin(wanted, load) : load();
    }
    if (instances.has(wanted)) return instances.get(wanted);
    const addon = addons[wanted];
    const exports =
      running.get(wanted) ?? (addon ? source.addon(addon, wanted) : fromPackage(wanted));
    instances.set(wanted, exports);
    return exports;
  }

  function fromPackage(wanted: string): unknown {
    const { key, file } = partsOf(wanted);
    const found = loaded.get(key);
    if (found && !found.exports) {
      const module = { exports: {} };
      const meta = (name: string) => metaOf(path.join(placeOf(key), name));
      found.define(requireModule, module, module.exports, meta);
      found.exports = module.exports;
    }
    const evaluate = found?.exports?.[file];
    return evaluate ? evaluate() : outside(wanted);
  }

  function placeOf(key: string): string {
    const root = places[consfigKey] ?? nowhere;
    return key === consfigKey ? root : (places[key] ?? path.join(root, "node_modules", key));
  }
}

/** The name of the package's file, the same on every machine: it is in the compiled code that is kept. */
function codeOf(key: string): string {
  return path.join(nowhere, "node_modules", key, "modules.js");
}

function notHere(wanted: string): never {
  throw new ModuleNotHere(`${JSON.stringify(wanted)} does not travel: it is not on this host`, {
    module: wanted,
    hint: "use it only where the root process runs, or use a package without native parts",
  });
}

function metaOf(filename: string): Meta {
  return { url: pathToFileURL(filename).href, dirname: path.dirname(filename), filename };
}
