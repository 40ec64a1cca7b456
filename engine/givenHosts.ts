import { isSealed } from "./registry.js";

/** By this name, since it is said before any module is loaded. */
const mark = "consfigurator.isGivenHosts";

/**
 * This process will be given its hosts prepared: what the modules that it is about to load make of
 * hosts and properties is not looked at closely. There may be thousands of them.
 */
export function willBeGivenHosts(): void {
  Reflect.set(globalThis, Symbol.for(mark), true);
}

/** Whether modules are being loaded in a process that will be given its hosts. */
export function areHostsGiven(): boolean {
  return !isSealed() && Reflect.has(globalThis, Symbol.for(mark));
}
