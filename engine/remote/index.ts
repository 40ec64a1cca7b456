/**
 * Where a chain of hops leads: to a shell, to a grandchild or to a Node image; what these other processes are
 * ordered to apply and what they say; and the prerequisite data that a host keeps.
 *
 * This room may import `apply`, `modules` and what is below them, and speaks with zygotes.
 */
export {
  dataDirectory,
  foreignPartOfData,
  type KeptItem,
  keepData,
  keepDataIn,
  keptItem,
} from "./dataCache.js";
export { openEndpoint } from "./endpoints.js";
export { type ContinueDeployProgram, continueDeployProgram, oldestNode } from "./image/boot.js";
export { requestModules, type Sent } from "./image/requestModules.js";
export { answer, applyFormId, mostLeftRunning, order, orderResult } from "./protocol.js";
