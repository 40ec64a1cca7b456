import type { Zygote } from "./birth.js";
import { NoZygote } from "./errors.js";

let current: Zygote | undefined;

/** Requests of this process go to that zygote from now on. */
export function setZygote(zygote: Zygote | undefined): void {
  current = zygote;
}

/** Whether forms can be evaluated in grandchildren of this process. */
export function hasZygote(): boolean {
  return current !== undefined;
}

/** The zygote of this process. @throws NoZygote */
export function currentZygote(): Zygote {
  if (current) return current;
  throw new NoZygote("this process has no zygote", {
    hint: "call startZygote right after the modules are loaded; in a grandchild, ask with nested: true",
  });
}
