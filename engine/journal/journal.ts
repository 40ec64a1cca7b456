import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { defined } from "../../core/index.js";
import { type JournalFailed, RunGoesOn } from "../base/index.js";
import type { Listener } from "../report/index.js";
import { Appender } from "./appender.js";
import { isFirst, newClaim } from "./claim.js";
import {
  asJournalFailed,
  createJournal,
  journalPath,
  makeRunsDirectory,
  openJournal,
  runsDirectory,
} from "./place.js";
import { thisProcess } from "./process.js";
import { pruneJournals } from "./prune.js";
import { readRun } from "./read.js";
import { toRecordedError } from "./recordedError.js";
import { now, Recorder } from "./recorder.js";
import { type HostHeader, journalVersion, type RunHeader } from "./records.js";
import { newRunId } from "./runId.js";

/** So many hosts are told of in one line, at most. */
const hostsALine = 100;

/**
 * What a run leaves behind: a file to which it is appended what happens, while it does. What has
 * happened is on disk a moment later, whatever becomes of this process.
 */
export class Journal {
  /** The run's name. */
  readonly run: string;
  readonly #recorder: Recorder;
  readonly #appender: Appender;
  readonly #session: string | undefined;
  #isOver = false;

  private constructor(run: string, file: FileHandle, recorder: Recorder, session?: string) {
    this.run = run;
    this.#recorder = recorder;
    this.#session = session;
    this.#appender = new Appender(file, journalPath(run), () => recorder.take());
  }

  /**
   * A new run has begun, and that is on disk. All but the newest 200 journals are gone, and those of
   * runs that still go on.
   *
   * @throws JournalFailed when it cannot be written
   */
  static async begin({ consfig, command, hosts }: RunHeader): Promise<Journal> {
    makeRunsDirectory();
    const { run, file } = await create();
    const recorder = new Recorder();
    recorder.record({
      type: "begin",
      v: journalVersion,
      run,
      at: now(),
      process: thisProcess(),
      consfig,
      command,
    });
    tellHosts(recorder, hosts);
    const journal = new Journal(run, file, recorder);
    await journal.#start().catch((error: unknown) => {
      rmSync(journalPath(run), { force: true });
      throw error;
    });
    await pruneJournals();
    return journal;
  }

  /**
   * The run goes on, in the same journal, with these hosts. What is told of hosts whose plan is
   * another one now no longer counts.
   *
   * @throws RunGoesOn while another process is at it, UnknownRun, JournalFailed
   */
  static async resume(run: string, again: readonly HostHeader[] = []): Promise<Journal> {
    const { state, hosts } = await readRun(run);
    if (state === "running") throw goesOn(run);
    const attempts = new Map([...hosts].map(([host, { attempts }]) => [host, attempts]));
    const claim = newClaim();
    const recorder = new Recorder(attempts);
    // This newline ends a line that the last process left half written.
    recorder.text("\n");
    recorder.record(claim);
    const file = await openJournal(run, "append").catch((cause: unknown) => {
      throw asJournalFailed(cause, "the journal of the run cannot go on", journalPath(run));
    });
    const journal = new Journal(run, file, recorder, claim.session);
    await journal.#start();
    if (await isFirst(run, claim)) {
      recorder.record({ type: "resumed", at: now(), process: thisProcess() });
      tellHosts(recorder, again);
      await journal.#start();
      return journal;
    }
    recorder.record({ type: "left", session: claim.session });
    await journal.#close();
    throw goesOn(run);
  }

  /** Resolved when it can no longer be written, e.g. because the disk is full. */
  get failure(): Promise<JournalFailed> {
    return this.#appender.failure;
  }

  /** Hears of everything that happens to the hosts. Never throws. */
  readonly listener: Listener = (event) => this.#tell(() => this.#recorder.event(event));

  /** A deployment ended by an error that is no report. */
  crashed(host: string, thrown: unknown): void {
    const error = toRecordedError(thrown);
    this.#tell(() => this.#recorder.record({ type: "broke", host, at: now(), error }));
  }

  /** Something that is about no host. */
  note(text: string): void {
    this.#tell(() => this.#recorder.record({ type: "note", at: now(), text }));
  }

  /** All that has been told is on disk. @throws JournalFailed */
  sync(): Promise<void> {
    return this.#appender.sync();
  }

  /**
   * The run has ended, and that is on disk; nothing more is told. `stopped`: why hosts were no longer
   * begun.
   *
   * @throws JournalFailed
   */
  async end(exitCode: number, stopped?: string): Promise<void> {
    this.#recorder.record({
      type: "end",
      at: now(),
      exitCode,
      ...defined({ stopped, session: this.#session }),
    });
    await this.#close();
  }

  #tell(record: () => void): void {
    if (this.#isOver || this.#appender.hasFailed) return;
    record();
    this.#appender.due();
  }

  /** @throws JournalFailed: then it is closed */
  async #start(): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      await this.#appender.close();
      throw error;
    }
  }

  async #close(): Promise<void> {
    this.#isOver = true;
    try {
      await this.sync();
    } finally {
      await this.#appender.close();
    }
  }
}

function tellHosts(recorder: Recorder, hosts: readonly HostHeader[]): void {
  for (let from = 0; from < hosts.length; from += hostsALine) {
    recorder.record({ type: "hosts", hosts: hosts.slice(from, from + hostsALine) });
  }
}

async function create(): Promise<{ run: string; file: FileHandle }> {
  for (;;) {
    const run = newRunId();
    try {
      const file = await createJournal(run);
      await syncDirectory();
      return { run, file };
    } catch (cause) {
      // Another run has begun in the same millisecond.
      if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") continue;
      throw asJournalFailed(cause, "the journal of this run cannot be begun", runsDirectory());
    }
  }
}

/** A new file's name is on disk only once its directory is. */
async function syncDirectory(): Promise<void> {
  const directory = await open(runsDirectory(), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function goesOn(run: string): RunGoesOn {
  return new RunGoesOn(`the run ${run} is not over: another process is at it`, {
    hint: "wait for it to end, or end it",
  });
}
