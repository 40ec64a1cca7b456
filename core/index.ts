/**
 * What every folder needs and what knows nothing of hosts or forks.
 *
 * It imports nothing.
 */
export { CappedOutput, collect } from "./cappedOutput.js";
export { type Defined, defined } from "./defined.js";
export { ConsfigError, codesOf, type ErrorClass, type ErrorFacts, isError } from "./errors.js";
export { KeyedSemaphore } from "./keyedSemaphore.js";
export { Semaphore } from "./semaphore.js";
export type { Wire } from "./wire.js";
export { type PromiseWithResolvers, withResolvers } from "./withResolvers.js";
