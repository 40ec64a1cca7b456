/** What file specs have in common. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { type ErrorClass, FileFailed, isError } from "../../../../engine/errors.js";

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
