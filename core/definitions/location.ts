import path from "node:path";
import { ConsfigError } from "../index.js";
import { callSites, describeSite, fileOf, isOurFile } from "./callSites.js";

/** Whether the call site is in a person's own code: not in Node, this package's, or another one. */
export function isOutside(site: NodeJS.CallSite): boolean {
  const file = fileOf(site);
  if (file === undefined || file.startsWith("node:")) return false;
  return !/[\\/]node_modules[\\/]/.test(file) && !isOurFile(file);
}

/** `file:line:column` of the nearest call in a person's own code, in terms of its source. */
export function whereCalled(): string | undefined {
  const site = callSites().find(isOutside);
  return site && describeSite(site);
}

/** The path made absolute: a relative one starts at the folder of the person's own code that calls us. */
export function besideCaller(file: string): string {
  const caller = whereCalled()?.replace(/:\d+:\d+$/, "");
  return path.resolve(caller === undefined ? "" : path.dirname(caller), file);
}

/**
 * What the work gives. An error that does not know yet where the person wrote what caused it learns
 * that.
 */
export function located<T>(at: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (at !== undefined && error instanceof ConsfigError && error.facts.at === undefined) {
      Object.assign(error.facts, { at });
    }
    throw error;
  }
}
