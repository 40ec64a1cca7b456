import { FileFailed, FileNotFound, lastLines } from "../errors.js";
import type { ExecResult } from "./options.js";

const hints: readonly (readonly [RegExp, string])[] = [
  [/No space left|Disk quota exceeded/, "the disk is full, or the account's share of it"],
  [/Read-only file system/, "it is mounted read-only"],
  [/Device or resource busy/, "it is mounted there by itself, and cannot be replaced"],
];

/** Why a file could not be read, written or looked at. */
export function fileError(deed: string, path: string, result: ExecResult): FileFailed {
  const output = lastLines(result.stderr.toString("utf8"), 5);
  const facts = factsOf(output, path);
  if (deed === "read" && isMissing(result)) return new FileNotFound(`${path} is not there`, facts);
  const why = output === "" ? `exit code ${result.exitCode}` : output;
  return new FileFailed(`${path} could not be ${deed}: ${why}`, facts);
}

/** Why a command's stdin could not be put on the host. */
export function storeFailed(trouble: string): FileFailed {
  const output = lastLines(trouble.trim(), 5);
  return new FileFailed(
    `what a command was to read could not be stored: ${output}`,
    factsOf(output),
  );
}

/** Whether what was looked at is not there. */
export function isMissing(result: ExecResult): boolean {
  return /: (No such file or directory|Not a directory)\n$/.test(result.stderr.toString("utf8"));
}

function factsOf(output: string, path?: string) {
  const hint = hints.find(([pattern]) => pattern.test(output))?.[1];
  return { output, ...(path === undefined ? {} : { path }), ...(hint ? { hint } : {}) };
}
