/**
 * Where a chain of hops leads: to a shell, or to another process that applies there, a grandchild or a
 * Node image; and what is said with it.
 *
 * It may import `apply`, `modules` and what is below them, and speaks with zygotes.
 */
export { dataDirectory, type KeptItem, keepData, keepDataIn, keptItem } from "./dataCache.js";
export { openEndpoint } from "./endpoints.js";
export { type ContinueDeployProgram, continueDeployProgram, oldestNode } from "./image/boot.js";
export { requestModules, type Sent } from "./image/requestModules.js";
export { answer, applyFormId, order, orderResult } from "./protocol.js";
