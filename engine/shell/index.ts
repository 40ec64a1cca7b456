/**
 * One persistent shell on a host, at the end of one byte stream: commands, their output and limits, how they
 * are stopped, prompts that are answered on the way in (`enter.ts`), and the programs in sh that all this
 * needs on the host (`program.ts`).
 *
 * This room may import `model` and what is below that. It knows neither chains of hops nor properties.
 */
export { fileError, isMissing, localFileError, mostRead, tooLarge } from "./fileErrors.js";
export { describeLeft, type LeftProcess, unknownLeft } from "./leftRunning.js";
export { tryLock } from "./lock.js";
export type { Control, ExecLanes, ExecOptions, ExecResult, ExecText } from "./options.js";
export { commandTerms } from "./options.js";
export { shellWords } from "./program.js";
export { openShell, ShellSession } from "./session.js";
export type { Traffic } from "./traffic.js";
