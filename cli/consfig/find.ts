import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { InvalidConsfig } from "../../engine/base/index.js";
import type { RunFilter } from "../../engine/journal/index.js";

const names = ["consfig.ts", "consfig.mts", "consfig.js", "consfig.mjs"];

/**
 * The path of the consfig: the one that is given, or the nearest in the working directory or above.
 *
 * @throws InvalidConsfig when there is none.
 */
export function findConsfig(given?: string): string {
  if (given !== undefined) return givenConsfig(path.resolve(given), given);
  const start = process.cwd();
  for (let directory = start; ; directory = path.dirname(directory)) {
    const found = consfigIn(directory);
    if (found) return found;
    if (directory === path.dirname(directory)) break;
  }
  throw new InvalidConsfig(`there is no consfig.ts in ${start} or above`, {
    hint: "make one with `consfig init`, or name one with --consfig FILE",
  });
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
