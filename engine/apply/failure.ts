import { inWords } from "../../core/index.js";
import {
  BrokenProperty,
  Cancelled,
  ConsfigError,
  FailedChange,
  FileFailed,
  isError,
  LockHeld,
} from "../base/index.js";
import type { Ending, Item } from "../report/index.js";
import { type Account, reasonOf } from "./applyState.js";

/** What was thrown, as an error that tells which property it is about, and over which chain. */
export function asFailure(thrown: unknown, item: Item, chain: string): ConsfigError {
  const error = thrown instanceof ConsfigError ? thrown : fromSystem(thrown);
  // That the host is locked is not about any one property.
  if (error.facts.property === undefined && !error.codes.includes(LockHeld.code)) {
    Object.assign(error.facts, { property: item.desc, chain, ...(item.at ? { at: item.at } : {}) });
  }
  return error;
}

/** How an item ends by the error, after what its account tells. */
export function endingBy(error: ConsfigError, { mayHaveChanged }: Account): Ending {
  const isCancelled = isError(error, Cancelled);
  if (!isCancelled && !isError(error, LockHeld)) return { outcome: "failed", error };
  const reason = reasonOf(error, "");
  if (isCancelled && mayHaveChanged) return { outcome: "interrupted", reason };
  return { outcome: "notReached", reason, needed: true };
}

/** Several errors as one that tells of all. */
export function together(errors: readonly ConsfigError[]): ConsfigError | undefined {
  const [first, ...others] = errors;
  if (!first || others.length === 0) return first;
  const texts = errors.map(({ message }) => message).join("; ");
  return new FailedChange(`${errors.length} actions at the end failed: ${texts}`, first.facts);
}

/** An I/O error is a failed change; anything else is a mistake in a property and stays fatal. */
function fromSystem(thrown: unknown): ConsfigError {
  if (thrown instanceof Error && "syscall" in thrown) {
    return new FileFailed(thrown.message, {}, { cause: thrown });
  }
  const text = inWords(thrown);
  const hint = "this is a mistake in the property's own code; its stack is shown with -vv";
  return new BrokenProperty(text, { hint }, { cause: thrown });
}

/** @throws Cancelled */
export function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Cancelled("cancelled");
}
