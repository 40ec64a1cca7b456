/**
 * The record that each run leaves on disk: written while things happen (`recorder.ts`), and read by reports
 * and by those who go on with a run (`read.ts`).
 *
 * This room tells of a host in the words of `fleet`, and imports nothing else of it.
 */
export { fingerprint } from "./fingerprint.js";
export { Journal } from "./journal.js";
export { listRuns, type RunFilter, type RunOutline, readRun } from "./read.js";
export { isRecorded } from "./recordedError.js";
export type { HostHeader, RecordedError, RunHeader } from "./records.js";
export {
  type EndedItem,
  earlierOf,
  type HostRun,
  type HostState,
  type ItemWords,
  type Run,
} from "./run.js";
