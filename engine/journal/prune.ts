import { rmSync } from "node:fs";
import { journalPath } from "./place.js";
import { isAlive, type ProcessIdentity } from "./process.js";
import { runIds } from "./read.js";
import { scan } from "./scan.js";

/** So many journals are kept. */
const kept = 200;

/** Only the newest journals are left, and those of runs that still go on. */
export async function pruneJournals(): Promise<void> {
  for (const run of runIds().slice(kept)) {
    try {
      const processes = await processesAt(run);
      if (!processes.some(isAlive)) rmSync(journalPath(run), { force: true });
    } catch {
      // The journal is another account's, or unreadable: it is not in the way of a new one.
    }
  }
}

/** The processes that are at the run, or were when they ended. */
async function processesAt(run: string): Promise<readonly ProcessIdentity[]> {
  let processes: ProcessIdentity[] = [];
  await scan(run, {
    types: ["begin", "claimed", "resumed", "end"],
    record: (record) => {
      if (record.type === "end") processes = [];
      if ("process" in record) processes.push(record.process);
      return undefined;
    },
  });
  return processes;
}
