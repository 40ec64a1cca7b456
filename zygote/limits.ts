import type { GrandchildHandle } from "./zygote.js";

const longestTimerMs = 2 ** 31 - 1;
/** From the polite signal to the other one, and from a reply to the end of its process. */
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
  readonly signal: AbortSignal | undefined;
  isTimedOut = false;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end: () => void;

  constructor(grandchild: GrandchildHandle, options: LimitOptions) {
    this.signal = options.signal;
    this.#end = () => {
      grandchild.kill("SIGTERM");
      this.#timers.push(setTimeout(() => grandchild.kill("SIGKILL"), killAfterMs));
    };
    if (options.timeoutMs !== undefined) {
      const onTimeout = () => {
        this.isTimedOut = true;
        this.#end();
      };
      // A longer one than a timer can have would run out at once.
      this.#timers.push(setTimeout(onTimeout, Math.min(options.timeoutMs, longestTimerMs)));
    }
    if (this.signal?.aborted) this.#end();
    this.signal?.addEventListener("abort", this.#end, { once: true });
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.signal?.removeEventListener("abort", this.#end);
  }
}

/** Ends a grandchild that goes on after its reply: it would keep its turn from others for ever. */
export function endSoon(grandchild: GrandchildHandle): void {
  const late = setTimeout(() => grandchild.kill("SIGKILL"), killAfterMs).unref();
  const clear = () => clearTimeout(late);
  grandchild.ended.then(clear, clear);
}
