/** What file specs have in common. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { type ErrorClass, FileFailed, isError } from "../../../../engine/base/errors.js";
import { temporary } from "./shells.js";

/** Where nothing is yet, in a directory with nothing else in it. */
export function fresh(name = "file"): string {
  return path.join(temporary(), name);
}

/** The error that the work ends with. */
export async function failed(
  work: Promise<unknown>,
  pattern: RegExp,
  errorClass: ErrorClass = FileFailed,
): Promise<FileFailed> {
  const error = await work.then(
    () => assert.fail("it did not fail"),
    (reason) => reason,
  );
  assert.ok(isError(error, errorClass), String(error));
  assert.match(error.message, pattern);
  return error;
}

/** What writing has left in the directory beside its files. */
export function leftIn(directory: string): string[] {
  return fs.readdirSync(directory).filter((name) => name.startsWith(".consfig-"));
}
