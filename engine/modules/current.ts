import { UsageError } from "../errors.js";
import type { ModuleSet } from "./moduleSet.js";

let current: (() => Promise<ModuleSet>) | undefined;

/** Node images are made of these from now on: the modules that this process runs. */
export function setModules(modules: () => Promise<ModuleSet>): void {
  let once: Promise<ModuleSet> | undefined;
  current = () => {
    once ??= modules();
    return once;
  };
}

/** What a Node image on a host is made of. @throws UsageError, InvalidConsfig */
export async function currentModules(): Promise<ModuleSet> {
  if (current) return current();
  throw new UsageError("this program has not said which modules a host needs", {
    hint: "deploy with the `consfig` command",
  });
}
