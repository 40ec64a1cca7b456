import { fileURLToPath } from "node:url";
import { UsageError } from "../base/index.js";
import type { ModuleSet } from "./moduleSet.js";
import { modulesCache } from "./ownCache.js";
import { pruneModules } from "./store.js";

let required: (() => Promise<ModuleSet>) | undefined;

/** Node images are made of the modules that this gives, from now on. */
export function setModules(modules: () => Promise<ModuleSet>): void {
  let once: Promise<ModuleSet> | undefined;
  required = () => {
    once ??= modules().catch((error: unknown) => {
      // What has failed, perhaps for want of room, is tried again for the next host.
      once = undefined;
      throw error;
    });
    return once;
  };
}

/** Whether it has been said what Node images are made of. */
export function areModulesKnown(): boolean {
  return required !== undefined;
}

/**
 * Node images are made of that module from now on, and of all it imports: hosts, properties, hops and
 * forms that deployments name are defined there. The `consfig` command does this by itself; a program
 * of your own that deploys over a hop like `node()` has to. `beside` are files of this package that the
 * consfig need not import, e.g. `properties/apt/index.js`.
 */
export function useModulesOf(consfig: string | URL, beside: readonly string[] = []): void {
  const file = typeof consfig === "string" ? consfig : fileURLToPath(consfig);
  setModules(async () => {
    const { bundle } = await import("./bundle.js");
    const directory = modulesCache();
    const set = await bundle(file, directory, beside);
    pruneModules(directory);
    return set;
  });
}

/**
 * The module files that a Node image needs, each known by the hash of what is in it. They are made
 * once, when they are first asked for.
 *
 * @throws UsageError where nobody has said which; InvalidConsfig if they do not compile
 */
export async function moduleRequirements(): Promise<ModuleSet> {
  if (required) return required();
  throw new UsageError("this program has not said which modules a host needs", {
    hint: "call useModulesOf(…) before you deploy, or deploy with the `consfig` command",
  });
}
