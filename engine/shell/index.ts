/**
 * One persistent shell on a host, at the end of one byte stream: commands, their output, how they are
 * stopped, a lock that lasts as long as the session.
 *
 * It may import `model` and what is below that; it knows neither hops nor properties.
 */
export { fileError, isMissing, mostRead, tooLarge } from "./fileErrors.js";
export { describeLeft, type LeftProcess, unknownLeft } from "./leftRunning.js";
export { tryLock } from "./lock.js";
export type { Control, ExecLanes, ExecOptions, ExecResult, ExecText } from "./options.js";
export { commandTerms } from "./options.js";
export { shellWords } from "./program.js";
export { openShell, ShellSession } from "./session.js";
export type { Traffic } from "./traffic.js";
