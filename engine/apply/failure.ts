import { inWords } from "../../core/index.js";
import { BrokenProperty, Cancelled, ConsfigError, FileFailed, LockHeld } from "../base/index.js";
import type { Item } from "../report/index.js";

/** What was thrown, as an error that tells which property it is about, and over which chain. */
export function asFailure(thrown: unknown, item: Item, chain: string): ConsfigError {
  const error = thrown instanceof ConsfigError ? thrown : fromSystem(thrown);
  // That the host is locked is not about any one property.
  if (error.facts.property === undefined && !error.codes.includes(LockHeld.code)) {
    Object.assign(error.facts, { property: item.desc, chain, ...(item.at ? { at: item.at } : {}) });
  }
  return error;
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
