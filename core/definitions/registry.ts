import { fileURLToPath } from "node:url";
import type { ConsfigError, ErrorFacts } from "../index.js";
import { callSites, describeSite, fileOf, isLoading, isOurFile, isTopLevel } from "./callSites.js";

/** A table of definitions of one sort, by id. */
export interface Registry<D> {
  /** Adds a definition. Throws when it comes twice, in a function, or too late. */
  define(id: string, definition: D): void;
  /** The definition of that id. Throws when there is none. */
  get(id: string): D;
  /** Where that id was defined: `file:line:column`. */
  placeOf(id: string): string | undefined;
  /** Whether the definition of that id is one of this program's own. */
  isOurs(id: string): boolean;
  /** All ids, in order of definition. */
  ids(): readonly string[];
}

type ErrorConstructor = new (message: string, facts: ErrorFacts) => ConsfigError;

/** What differs between sorts of definitions. */
export interface RegistryOptions {
  /** The compiled folder of the function that people define with: its frames are not theirs. */
  readonly folder: URL;
  /** Whether a call site is in a person's own code. */
  readonly isPersons?: (site: NodeJS.CallSite) => boolean;
  readonly invalid: ErrorConstructor;
  readonly unknown: ErrorConstructor;
}

let sealedBy: string | undefined;
let isSealedForGood = false;

/**
 * Nothing can be defined any more, of any sort.
 *
 * Called once the consfig has loaded: other processes load the same modules and nothing else, or are
 * copies of this moment, so a definition made later would exist here and be missing there.
 */
export function sealDefinitions(reason: string): void {
  sealedBy = reason;
}

/** As {@link sealDefinitions}, and this cannot be undone: a zygote has what is defined now. */
export function sealForGood(reason: string): void {
  sealedBy ??= reason;
  isSealedForGood = true;
}

/**
 * The mark has a global name, since the boot program of a Node image sets it before any module is
 * loaded.
 */
const checked = Symbol.for("consfigurator.modulesAreChecked");

/**
 * Another process has loaded the modules that this one is about to load, and has found all that they
 * define and make to be well-formed. This process does not check it again: there may be thousands of hosts.
 */
export function trustModules(): void {
  Reflect.set(globalThis, checked, true);
}

/** Whether modules are being loaded that were checked elsewhere. */
export function areModulesChecked(): boolean {
  return sealedBy === undefined && Reflect.has(globalThis, checked);
}

/** Definitions can be made again: for programs that load one consfig after another. */
export function unsealDefinitions(): void {
  if (!isSealedForGood) sealedBy = undefined;
}

/** An empty table for definitions of the given sort, e.g. `property`. */
export function registry<D>(sort: string, options: RegistryOptions): Registry<D> {
  const { invalid: Invalid, unknown: Unknown } = options;
  const folder = fileURLToPath(options.folder);
  const table = new Map<string, { definition: D; at: string | undefined; file: string }>();
  return {
    define(id, definition) {
      if (areModulesChecked()) {
        table.set(id, { definition, at: undefined, file: "" });
        return;
      }
      const sites = callSites();
      const outside = sites.slice(definerIndex(sites, folder));
      const site = (options.isPersons && sites.find(options.isPersons)) ?? outside[0];
      const at = site && describeSite(site);
      if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(id)) {
        throw new Invalid(`${JSON.stringify(id)} is no id for a ${sort}`, {
          hint: "use camelCase words joined by dots, file name first, e.g. `myApp.installed`",
        });
      }
      const first = table.get(id);
      if (first) {
        throw new Invalid(`the ${sort} ${id} is defined twice: ${first.at} and ${at}`, {
          hint: "give one of them another id, or load its module once",
        });
      }
      if (sealedBy !== undefined) {
        throw new Invalid(`the ${sort} ${id} is defined too late, at ${at}: ${sealedBy}`, {
          hint: "define it at the top level of a module that the consfig imports",
        });
      }
      if (!isLoading(outside)) {
        throw new Invalid(`the ${sort} ${id} is defined inside a function, at ${at}`, {
          hint: "move the definition to the top level of its module and pass what varies as arguments",
        });
      }
      table.set(id, { definition, at, file: (site && fileOf(site)) ?? "" });
    },
    get(id) {
      const entry = table.get(id);
      if (entry) return entry.definition;
      throw new Unknown(`no ${sort} is called ${JSON.stringify(id)}`, {
        id,
        hint: `import the module that defines it; known: ${[...table.keys()].slice(0, 40).join(", ")}`,
      });
    },
    isOurs: (id) => isOurFile(table.get(id)?.file ?? ""),
    placeOf: (id) => table.get(id)?.at,
    ids: () => [...table.keys()],
  };
}

/** The frame in which `posixProperty`, `form` or their like was called. */
function definerIndex(sites: readonly NodeJS.CallSite[], folder: string): number {
  // The frames before it are of this folder or, in bundled modules, of the file with all of this package.
  const ours = (sites[0] && fileOf(sites[0])?.replace(/[^/]*$/, "")) ?? folder;
  return sites.findIndex((site) => {
    const file = fileOf(site);
    return !(file?.startsWith(ours) || file?.startsWith(folder)) || isTopLevel(site);
  });
}
