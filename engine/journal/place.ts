import { chmodSync, lstatSync } from "node:fs";
import { constants, type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { foreignPart, makeOwnDirectory, ownHome, reasonOf } from "../../core/index.js";
import { JournalFailed } from "../base/index.js";

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Where journals are kept, whether or not any are. */
export function runsDirectory(): string {
  return path.join(stateHome(), "consfigurator", "runs");
}

/** Where the journal of that run is kept. */
export function journalPath(run: string): string {
  return path.join(runsDirectory(), `${run}.ndjson`);
}

/** There is a directory for journals that nobody but this account can read. @throws JournalFailed */
export function makeRunsDirectory(): void {
  const runs = runsDirectory();
  try {
    assertNoLinks();
    makeOwnDirectory(runs);
    chmodSync(runs, 0o700);
  } catch (cause) {
    throw asJournalFailed(cause, "there is no place for the journal of this run", runs);
  }
}

/**
 * What is read and written in the directory of journals is this account's: else somebody could say
 * what a run has come to.
 *
 * @throws JournalFailed, or an error with code ENOENT when there is no such directory
 */
export function assertRunsAreOurs(): void {
  const runs = runsDirectory();
  lstatSync(runs);
  assertNoLinks();
  const foreign = foreignPart(runs);
  if (foreign !== undefined) throw notKept(runs, foreign);
}

/** The directory that the person names may be a link; those that are made here are none. */
function assertNoLinks(): void {
  const runs = runsDirectory();
  for (const directory of [path.dirname(runs), runs]) {
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw notKept(runs, `${directory} is no directory`);
  }
}

function notKept(directory: string, why: string): JournalFailed {
  const hint = "set XDG_STATE_HOME to a directory that this account alone can write";
  return new JournalFailed(`journals are not kept in ${directory}: ${why}`, { directory, hint });
}

/** A new journal, to append to. */
export function createJournal(run: string): Promise<FileHandle> {
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW;
  return open(journalPath(run), flags, 0o600);
}

/** A journal that is there. @throws JournalFailed when it is no file of this account */
export async function openJournal(run: string, how: "read" | "append"): Promise<FileHandle> {
  const file = journalPath(run);
  // Without O_NONBLOCK a named pipe would be waited for.
  const flags = how === "read" ? O_RDONLY : O_WRONLY | O_APPEND;
  const handle = await open(file, flags | O_NOFOLLOW | O_NONBLOCK);
  const stat = await handle.stat();
  const isOurs = stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0;
  if (stat.isFile() && isOurs) return handle;
  await handle.close();
  throw new JournalFailed(`${file} is no journal of this account`, {
    file,
    hint: "find out who has put it there, and remove it",
  });
}

/** The error as one that says what could not be done, and where. */
export function asJournalFailed(cause: unknown, what: string, where: string): JournalFailed {
  if (cause instanceof JournalFailed) return cause;
  const why = reasonOf(cause);
  const isFull = /^(ENOSPC|EDQUOT)/.test(why);
  const hint = isFull
    ? "make room there, or set XDG_STATE_HOME to another place"
    : "set XDG_STATE_HOME to a directory that this account can write";
  return new JournalFailed(`${what}: ${why}`, { where, hint }, { cause });
}

function stateHome(): string {
  const given = process.env.XDG_STATE_HOME;
  return given && path.isAbsolute(given) ? given : path.join(ownHome(), ".local", "state");
}
