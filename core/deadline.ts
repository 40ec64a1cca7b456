import { setMaxListeners } from "node:events";
import { onAbort } from "./onAbort.js";

const longestTimerMs = 2 ** 31 - 1;

/** Calls the function after so long; never without a limit, or with one that no timer can be set to. */
export function afterMs(ms: number | undefined, call: () => void): NodeJS.Timeout | undefined {
  return ms !== undefined && ms <= longestTimerMs ? setTimeout(call, ms) : undefined;
}

/** What may end some work early. */
export interface Limits {
  /** After so long the work is to end; without it there is no limit. */
  readonly timeoutMs?: number | undefined;
  /** When it is aborted the work is to end. */
  readonly signal?: AbortSignal | undefined;
}

/** A signal that is aborted with the one that is given, or when the time is over. It has to be ended. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly #end: () => void;
  #isTimedOut = false;

  constructor({ timeoutMs, signal }: Limits) {
    // Every step of the work may listen to this signal. With many listeners listening takes long: it is
    // not shared with other work.
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    this.signal = controller.signal;
    this.timeoutMs = timeoutMs;
    const timer = afterMs(timeoutMs, () => {
      this.#isTimedOut = true;
      controller.abort();
    });
    const stop = onAbort(signal, () => controller.abort(signal?.reason));
    this.#end = () => {
      clearTimeout(timer);
      stop();
    };
  }

  /** Whether the time was over before the work was. */
  get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  end(): void {
    this.#end();
  }
}
