import { inWords, sendable } from "../../core/index.js";
import { ConsfigError } from "../base/index.js";
import { errorToWire } from "../report/errorCodec.js";
import type { RecordedError } from "./records.js";

/** A longer text is cut: a journal tells what went wrong, and is no copy of what hosts print. */
const longestText = 10_000;
const longestFacts = 200_000;

/** The error as a journal keeps it. */
export function toRecordedError(thrown: unknown): RecordedError {
  if (!(thrown instanceof ConsfigError)) {
    return { codes: ["E_INTERNAL"], message: short(inWords(thrown)), facts: {} };
  }
  const { codes, message, facts } = errorToWire(thrown, short);
  const whole = JSON.stringify(facts).length <= longestFacts;
  return { codes, message, facts: whole ? facts : {} };
}

/** Whether the error is of that class or of one that descends from it. */
export function isRecorded(
  error: RecordedError | undefined,
  { code }: { readonly code: string },
): boolean {
  return error?.codes.includes(code) ?? false;
}

function short(text: string): string {
  return sendable(text, longestText);
}
