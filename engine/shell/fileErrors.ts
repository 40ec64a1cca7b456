import { defined } from "../../core/index.js";
import { FileChanged, FileFailed, FileNotFound, lastLines, OutputTooLarge } from "../base/index.js";
import type { ExecResult } from "./options.js";

/** How much of a file can be read at once. */
export const mostRead = 64 * 1024 * 1024;

const hints: readonly (readonly [RegExp, string])[] = [
  [/No space left|Disk quota exceeded/, "the disk is full, or the account's share of it"],
  [/Read-only file system/, "it is mounted read-only"],
  [/ (belongs to|can change)/, "let its owner do it: asUser(NAME, …)"],
  [
    /Device or resource busy|Invalid cross-device link/,
    "it is mounted there by itself, and cannot be replaced",
  ],
  [
    /ln: .*Operation not permitted/,
    "others can change its directory, and it cannot be held there: let its owner do it",
  ],
];

/** The error for a file that could not be read, written or looked at. */
export function fileError(deed: string, path: string, result: ExecResult): FileFailed {
  const output = lastLines(result.stderr.toString("utf8"), 5);
  const facts = factsOf(output, path);
  if (deed === "read" && isMissing(result)) return new FileNotFound(`${path} is not there`, facts);
  const why = output === "" ? `exit code ${result.exitCode}` : output;
  const Failed = /^it was (made|changed|removed) meanwhile$/.test(output)
    ? FileChanged
    : FileFailed;
  return new Failed(`${path} could not be ${deed}: ${why}`, facts);
}

/** The error for a file of this machine that could not be read or looked at. */
export function localFileError(deed: string, path: string, why: string): FileFailed {
  return new FileFailed(`${path} could not be ${deed}: ${why}`, factsOf(why, path));
}

/** The error for a command's stdin that could not be put on the host. */
export function storeFailed(trouble: string): FileFailed {
  const output = lastLines(trouble.trim(), 5);
  return new FileFailed(
    `what a command was to read could not be stored: ${output}`,
    factsOf(output),
  );
}

/** The error for a file that is too large to be read. */
export function tooLarge(path: string): OutputTooLarge {
  return new OutputTooLarge(`${path} is larger than ${mostRead} bytes`, {
    path,
    hint: "read only a part of it, by a command such as tail or grep",
  });
}

/** Whether the command failed because nothing is at the path. */
export function isMissing(result: ExecResult): boolean {
  return /: (No such file or directory|Not a directory)\n$/.test(result.stderr.toString("utf8"));
}

function factsOf(output: string, path?: string) {
  const hint = hints.find(([pattern]) => pattern.test(output))?.[1];
  return { output, ...defined({ path, hint }) };
}
