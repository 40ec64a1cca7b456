import { NoZygote } from "./errors.js";
import type { Zygote } from "./zygote.js";

let current: Zygote | undefined;
let make: (() => Promise<Zygote>) | undefined;

let isForked = false;

/** This process is a grandchild from now on. */
export function becomeGrandchild(): void {
  isForked = true;
}

/** Whether this process was forked by a zygote. */
export function isGrandchild(): boolean {
  return isForked;
}

/** Requests of this process go to that zygote from now on. */
export function setZygote(zygote: Zygote | undefined): void {
  current = zygote;
  make = undefined;
}

/** The zygote of this process is made when it is first asked for. */
export function setZygoteMaker(maker: () => Promise<Zygote>): void {
  make = maker;
}

/** Whether forms can be evaluated in grandchildren of this process. */
export function hasZygote(): boolean {
  return current !== undefined || make !== undefined;
}

/** The zygote of this process. @throws NoZygote */
export async function currentZygote(): Promise<Zygote> {
  if (current) return current;
  if (make) {
    const made = make();
    // The zygote is made once, however many ask for it meanwhile.
    make = () => made;
    return made;
  }
  throw new NoZygote("this process has no zygote", {
    hint: "call startZygote right after the modules are loaded; in a grandchild, ask with nested: true",
  });
}
