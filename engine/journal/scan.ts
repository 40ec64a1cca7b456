import { JournalFailed, UnknownRun } from "../base/index.js";
import { forEachLine } from "./lines.js";
import { asJournalFailed, assertRunsAreOurs, journalPath, openJournal } from "./place.js";
import { type JournalRecord, journalRecord } from "./records.js";

type Type = JournalRecord["type"];

/** What is done with the lines of a journal. */
export interface Scanner {
  /** The types of records that are wanted: others are not even looked at. Default: all. */
  readonly types?: readonly Type[];
  /** Says `enough` when no more of them are wanted. */
  record(record: JournalRecord, line: number): "enough" | undefined;
  /** A line is no record. */
  damaged?(line: number): void;
}

/**
 * Every record of the journal has been handed over. What an interrupted writer left half written, at
 * the end or before another went on, is passed over.
 *
 * @throws UnknownRun, JournalFailed
 */
export async function scan(run: string, { types, record, damaged }: Scanner): Promise<void> {
  const starts = types?.map((type) => `{"type":"${type}"`);
  let broken: number | undefined;
  const take = (line: Buffer | undefined, number: number) => {
    const isWanted = (start: string) => line?.toString("latin1", 0, start.length) === start;
    if (line?.length === 0 || (line && starts && !starts.some(isWanted))) return true;
    const parsed = line && parse(line);
    if (broken !== undefined && parsed?.type !== "claimed") damaged?.(broken);
    broken = parsed ? undefined : number;
    return parsed === undefined || record(parsed, number) !== "enough";
  };
  await reading(run, async () => {
    assertRunsAreOurs();
    const file = await openJournal(run, "read");
    try {
      await forEachLine(file, take);
    } finally {
      await file.close();
    }
  });
  if (broken !== undefined) damaged?.(broken);
}

async function reading(run: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof JournalFailed) throw cause;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") throw unknownRun(run);
    const file = journalPath(run);
    throw asJournalFailed(cause, `the journal of the run ${run} cannot be read`, file);
  }
}

/** No journal of that run is kept. */
export function unknownRun(run: string): UnknownRun {
  return new UnknownRun(`no journal of a run ${JSON.stringify(run)} is kept`, {
    hint: "consfig runs lists those there are",
  });
}

function parse(line: Buffer): JournalRecord | undefined {
  try {
    return journalRecord.safeParse(JSON.parse(line.toString())).data;
  } catch {
    return undefined; // no JSON
  }
}
