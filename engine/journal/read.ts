import { readdirSync } from "node:fs";
import { isError, UnknownRun } from "../base/index.js";
import { RunFold } from "./fold.js";
import { runsDirectory } from "./place.js";
import type { JournalRecord, RecordOf } from "./records.js";
import type { HostRun, Run } from "./run.js";
import { isRunId } from "./runId.js";
import { scan, unknownRun } from "./scan.js";

/** Which runs are meant. */
export interface RunFilter {
  /** Only those of the consfig at this path. Default: of any. */
  readonly consfig?: string;
}

/** A run without what is told of single items. */
export interface RunOutline extends Omit<Run, "hosts"> {
  readonly hosts: ReadonlyMap<string, Omit<HostRun, "ended" | "counts">>;
}

/** Most of a journal is `progress`. */
const outlining: readonly JournalRecord["type"][] = [
  "begin",
  "hosts",
  "item",
  "started",
  "failed",
  "finished",
  "broke",
  "note",
  "claimed",
  "resumed",
  "end",
];

/**
 * The run of that name, or the newest one for `last`: as far as its journal tells.
 *
 * @throws UnknownRun when there is none, JournalFailed when its journal cannot be read
 */
export async function readRun(run: string, filter: RunFilter = {}): Promise<Run> {
  const id = run === "last" ? await newest(filter) : run;
  if (!isRunId(id)) throw unknownRun(id);
  return fold(id);
}

/** All runs whose journals are kept and can be read, the newest first. @throws JournalFailed */
export async function listRuns(filter: RunFilter = {}): Promise<readonly RunOutline[]> {
  const runs: RunOutline[] = [];
  for (const id of runIds()) {
    try {
      if (await isMeant(id, filter)) runs.push(await fold(id, outlining));
    } catch (error) {
      // A journal that was too old has been removed meanwhile.
      if (!isError(error, UnknownRun)) throw error;
    }
  }
  return runs;
}

/** The names of all runs of which something is kept, the newest first. */
export function runIds(): readonly string[] {
  const ids = namesIn(runsDirectory()).map((name) => name.replace(/\.ndjson$/, ""));
  return ids.filter(isRunId).sort().reverse();
}

async function newest(filter: RunFilter): Promise<string> {
  for (const id of runIds()) if (await isMeant(id, filter)) return id;
  throw unknownRun("last");
}

/** Whether the run has begun, and is of that consfig. */
async function isMeant(id: string, { consfig }: RunFilter): Promise<boolean> {
  let begin: RecordOf<"begin"> | undefined;
  const types = ["begin"] as const;
  await scan(id, {
    types,
    record: (record) => {
      if (record.type === "begin") begin = record;
      return "enough";
    },
  });
  return begin !== undefined && (consfig === undefined || begin.consfig === consfig);
}

async function fold(id: string, types?: readonly JournalRecord["type"][]): Promise<Run> {
  const fold = new RunFold(id);
  await scan(id, {
    ...(types ? { types } : {}),
    record: (record, line) => fold.record(record, line),
    damaged: (line) => fold.damaged(line),
  });
  return fold.result();
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // nothing has been kept yet
  }
}
