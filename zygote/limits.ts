import { Deadline, onAbort } from "../core/index.js";
import type { GrandchildHandle } from "./zygote.js";

/** How long a grandchild may take to end after SIGTERM, and after its reply, before it gets SIGKILL. */
const killAfterMs = 2000;

/** What may end an evaluation early. */
export interface LimitOptions {
  /** After so long the grandchild is ended; without it there is no limit. */
  readonly timeoutMs?: number;
  /** Ends the grandchild; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Ends a grandchild that takes too long or is not wanted any more: by SIGTERM, then by SIGKILL. */
export class Limits {
  /** The signal that was given, without the time limit. */
  readonly signal: AbortSignal | undefined;
  readonly #deadline: Deadline;
  #killing: NodeJS.Timeout | undefined;

  constructor(grandchild: GrandchildHandle, options: LimitOptions) {
    this.signal = options.signal;
    this.#deadline = new Deadline(options);
    onAbort(this.#deadline.signal, () => {
      grandchild.kill("SIGTERM");
      this.#killing = setTimeout(() => grandchild.kill("SIGKILL"), killAfterMs);
    });
  }

  get isTimedOut(): boolean {
    return this.#deadline.isTimedOut;
  }

  clear(): void {
    this.#deadline.end();
    clearTimeout(this.#killing);
  }
}

/** Ends a grandchild that goes on after its reply: it would keep its turn from others for ever. */
export function endSoon(grandchild: GrandchildHandle): void {
  const late = setTimeout(() => grandchild.kill("SIGKILL"), killAfterMs).unref();
  const clear = () => clearTimeout(late);
  grandchild.ended.then(clear, clear);
}
