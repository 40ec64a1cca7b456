/**
 * What every room may need: plain data, semaphores, capped output, the base of all errors. Definitions by
 * id, and where a person wrote them, are in `definitions/`.
 *
 * This room knows nothing of hosts or forks, and imports nothing.
 */
export { CappedOutput, collect } from "./cappedOutput.js";
export { ConsfigError, codesOf, type ErrorClass, type ErrorFacts, isError } from "./errors.js";
export { KeyedSemaphore } from "./keyedSemaphore.js";
export { Semaphore } from "./semaphore.js";
export type { Wire } from "./wire.js";
export { type PromiseWithResolvers, withResolvers } from "./withResolvers.js";
