import { InvalidDefinition, UnknownDefinition } from "./errors.js";
import { callSites, describeSite, fileOf, isOutside } from "./location.js";

/** A table of definitions of one sort, by id. */
export interface Registry<D> {
  /** Adds a definition. @throws InvalidDefinition when twice, in a function, or too late. */
  define(id: string, definition: D): void;
  /** The definition of that id. @throws UnknownDefinition */
  get(id: string): D;
  /** All ids, in order of definition. */
  ids(): readonly string[];
}

let sealedBy: string | undefined;

/**
 * Nothing can be defined any more.
 *
 * Called once the consfig has loaded: other processes load the same modules and nothing else, so a
 * definition made later would exist here and be missing there.
 */
export function sealDefinitions(reason: string): void {
  sealedBy = reason;
}

/** Definitions can be made again: for programs that load one consfig after another. */
export function unsealDefinitions(): void {
  sealedBy = undefined;
}

/** An empty table for definitions of the given sort, e.g. `property`. */
export function registry<D>(sort: string): Registry<D> {
  const table = new Map<string, { definition: D; at: string | undefined }>();
  return {
    define(id, definition) {
      const sites = callSites();
      const at = definitionSite(sites);
      if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(id)) {
        throw new InvalidDefinition(`${JSON.stringify(id)} is no id for a ${sort}`, {
          hint: "use camelCase words joined by dots, file name first, e.g. `myApp.installed`",
        });
      }
      const first = table.get(id);
      if (first) {
        throw new InvalidDefinition(`the ${sort} ${id} is defined twice: ${first.at} and ${at}`, {
          hint: "give one of them another id, or load its module once",
        });
      }
      if (sealedBy !== undefined) {
        throw new InvalidDefinition(
          `the ${sort} ${id} is defined too late, at ${at}: ${sealedBy}`,
          {
            hint: "define it at the top level of a module that the consfig imports",
          },
        );
      }
      if (!isTopLevel(sites)) {
        throw new InvalidDefinition(`the ${sort} ${id} is defined inside a function, at ${at}`, {
          hint: "move the definition to the top level of its module and pass what varies as arguments",
        });
      }
      table.set(id, { definition, at });
    },
    get(id) {
      const entry = table.get(id);
      if (entry) return entry.definition;
      throw new UnknownDefinition(`no ${sort} is called ${JSON.stringify(id)}`, {
        id,
        hint: `import the module that defines it; known: ${[...table.keys()].slice(0, 40).join(", ")}`,
      });
    },
    ids: () => [...table.keys()],
  };
}

/** The frame in which `posixProperty` or its like was called. */
function definerIndex(sites: readonly NodeJS.CallSite[]): number {
  const engine = fileOf(sites[0] as NodeJS.CallSite)?.replace(/[^/]*$/, "") ?? "";
  return sites.findIndex(
    (site) => !fileOf(site)?.startsWith(engine) || isModule(site.getFunctionName()),
  );
}

function definitionSite(sites: readonly NodeJS.CallSite[]): string | undefined {
  const site = sites.find(isOutside) ?? sites[definerIndex(sites)];
  return site && describeSite(site);
}

/**
 * Code at a module's top level has no function name and is called by Node's loader; in bundled
 * modules it is a function that is named after the module's file.
 */
function isTopLevel(sites: readonly NodeJS.CallSite[]): boolean {
  for (const site of sites.slice(definerIndex(sites))) {
    const file = fileOf(site);
    if (file === undefined || file.startsWith("node:")) return file !== undefined;
    const name = site.getFunctionName();
    if (name !== null && /\.[cm]?[jt]sx?$/.test(name)) return true;
    if (!isModule(name)) return false;
  }
  return true;
}

function isModule(functionName: string | null): boolean {
  return functionName === null || /^(|Object\.<anonymous>|.*\.[cm]?[jt]sx?)$/.test(functionName);
}
