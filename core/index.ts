/**
 * What every room may need: plain data, semaphores, bytes that come in pieces, the base of all errors. Definitions by
 * id, and where a person wrote them, are in `definitions/`.
 *
 * This room knows nothing of hosts or forks, and imports nothing.
 */
export { CappedOutput, collect, cutMark } from "./cappedOutput.js";
export { afterMs, Deadline, type Limits } from "./deadline.js";
export { type Defined, defined } from "./defined.js";
export { ConsfigError, codesOf, type ErrorClass, type ErrorFacts, isError } from "./errors.js";
export { GrowingBuffer } from "./growingBuffer.js";
export { KeyedSemaphore } from "./keyedSemaphore.js";
export { onAbort } from "./onAbort.js";
export {
  foreignAbove,
  foreignPart,
  makeOwnDirectory,
  ownCacheHome,
  ownHome,
  ownTemporaryDirectory,
  temporaryHint,
} from "./ownDirectories.js";
export { type OwnPlaces, ownPlaces } from "./ownPlace.js";
export { type ReplacementOptions, replaceFile, replaceFileSync } from "./replaceFile.js";
export { Semaphore } from "./semaphore.js";
export { shareTerminal, withTerminal } from "./terminalTurn.js";
export { inWords, reasonOf, sendable } from "./thrown.js";
export { type Wire, wireLimits, wireProblem } from "./wire.js";
export { type PromiseWithResolvers, withResolvers } from "./withResolvers.js";
