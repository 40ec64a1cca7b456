/**
 * A form as one file that needs nothing else.
 *
 * It may import `modules`, `base` and the zygote; what it does when it runs is in `begin.ts`.
 */
export { dumpExecutable } from "./dump.js";
export { ownHome } from "./home.js";
export { evalInReinvoked, type Reinvocation } from "./reinvoked.js";
export { reachableRuntime, runsFrom } from "./runtime.js";
export type { ExecutableTask } from "./script.js";
