import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { constants, type FileHandle, open } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import path from "node:path";
import { reasonOf } from "../../core/index.js";
import { JournalFailed } from "../base/index.js";
import { isOurs } from "../modules/index.js";

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
  const parent = path.dirname(runs);
  try {
    mkdirSync(path.dirname(parent), { recursive: true, mode: 0o700 });
    for (const directory of [parent, runs]) {
      assertOurs(path.dirname(directory));
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    assertOurs(runs);
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
  const parent = path.dirname(runs);
  for (const directory of [path.dirname(parent), parent, runs]) assertOurs(directory);
}

function assertOurs(directory: string): void {
  // The directory that the person names may be a link; those that are made here are none.
  const isNamed = directory === stateHome();
  const stat = isNamed ? statSync(directory) : lstatSync(directory);
  if (stat.isDirectory() && isOurs(stat)) return;
  const what = stat.isDirectory() ? "can be written by another account" : "is no directory";
  throw new JournalFailed(`journals are not kept below ${directory}: it ${what}`, {
    directory,
    hint: "set XDG_STATE_HOME to a directory that this account alone can write",
  });
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
  if (stat.isFile() && isOurs(stat)) return handle;
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

/** With sudo HOME may be the caller's: then the account's own. @throws JournalFailed */
function ownHome(): string {
  try {
    const home = homedir();
    const stat = statSync(home, { throwIfNoEntry: false });
    return stat && stat.uid !== process.geteuid?.() ? userInfo().homedir : home;
  } catch (cause) {
    // An account without a name may have none.
    throw asJournalFailed(cause, "there is no place for journals", "~/.local/state");
  }
}
