import fs, { existsSync, statSync } from "node:fs";
import path from "node:path";
import { ownPlaces } from "../../core/index.js";
import { InvalidConsfig } from "../../engine/base/index.js";
import type { RunFilter } from "../../engine/journal/index.js";

const names = ["consfig.ts", "consfig.mts", "consfig.js", "consfig.mjs"];

/**
 * The path of the consfig: the one that is given, or the nearest in the working directory or above. Where
 * that comes from, its code runs: one that others can change has to be given.
 *
 * @throws InvalidConsfig when there is none, or one that others can change.
 */
export function findConsfig(given?: string): string {
  if (given !== undefined) return givenConsfig(path.resolve(given), given);
  const start = process.cwd();
  for (let directory = start; ; directory = path.dirname(directory)) {
    const found = consfigIn(directory);
    if (found) {
      assertOurs(found, "it");
      return found;
    }
    if (directory === path.dirname(directory)) break;
  }
  throw new InvalidConsfig(`there is no consfig.ts in ${start} or above`, {
    hint: "make one with `consfig init`, or name one with --consfig FILE",
  });
}

/**
 * Nobody but this account, uid 0 and who has called sudo can change that file, of which code is to run. `what` it
 * is of, for the error.
 *
 * @throws InvalidConsfig
 */
export function assertOurs(file: string, what: string): void {
  const foreign = foreignPartOfCode(file);
  if (foreign === undefined) return;
  throw new InvalidConsfig(`${path.relative("", file)} is not run: ${foreign}`, {
    hint: `to trust all who can change ${what}, name the consfig with --consfig FILE`,
  });
}

/** Which part of the file's path others can change than this account, uid 0 and who has called sudo. */
export function foreignPartOfCode(file: string): string | undefined {
  const caller = process.geteuid?.() === 0 ? process.env.SUDO_UID : undefined;
  const isUid = caller !== undefined && /^\d{1,10}$/.test(caller);
  return ownPlaces(fs, isUid ? [Number(caller)] : []).foreignPart(file);
}

/** Of which runs a command tells: those of the consfig that is given, or all. @throws InvalidConsfig */
export function runsOf({ consfig }: { readonly consfig?: string }): RunFilter {
  return consfig === undefined ? {} : { consfig: findConsfig(consfig) };
}

function givenConsfig(file: string, given: string): string {
  const there = statSync(file, { throwIfNoEntry: false });
  const found = there?.isDirectory() ? consfigIn(file) : there && file;
  if (found) return found;
  const what = there ? `there is no consfig.ts in ${given}` : `there is no ${given}`;
  throw new InvalidConsfig(what, {
    hint: "--consfig takes a file, or a directory with a consfig.ts",
  });
}

function consfigIn(directory: string): string | undefined {
  return names.map((name) => path.join(directory, name)).find((file) => existsSync(file));
}
