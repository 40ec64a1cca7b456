/**
 * A form, or a host's deployment, as one file that needs nothing else: how it is made and replaced, and what
 * it does when it runs (`begin.ts`).
 *
 * This room may import `modules`, `base` and the zygote.
 */
export { dumpExecutable } from "./dump.js";
export { evalInReinvoked, type Reinvocation } from "./reinvoked.js";
export { reachableRuntime, runsFrom } from "./runtime.js";
export type { ExecutableTask } from "./script.js";
