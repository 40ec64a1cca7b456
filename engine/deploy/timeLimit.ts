import { setMaxListeners } from "node:events";
import { Cancelled, type ConsfigError, DeploymentTimedOut, isError } from "../base/index.js";

/**
 * The signal of one deployment: aborted by the one that it may share with many others, or when its time
 * is over. It has to be ended.
 */
export class TimeLimit {
  /** Undefined where there is neither. */
  readonly signal: AbortSignal | undefined;
  readonly #milliseconds: number | undefined;
  #isOver = false;
  readonly end: () => void;

  constructor({ signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number }) {
    this.#milliseconds = timeoutMs;
    this.end = () => {};
    if (!signal && timeoutMs === undefined) return;
    // Every command listens, and to listen takes the longer the more others do: not to a shared one.
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const abort = () => controller.abort();
    const late = () => {
      this.#isOver = true;
      abort();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    this.signal = controller.signal;
    this.end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
  }

  /** What was thrown, or what that comes from. */
  explain(error: ConsfigError): ConsfigError {
    if (!this.#isOver || !isError(error, Cancelled)) return error;
    const seconds = (this.#milliseconds ?? 0) / 1000;
    return new DeploymentTimedOut(`it took longer than ${seconds} s and was cancelled`, {
      ...error.facts,
      timeoutMs: this.#milliseconds,
      hint: "raise --timeout, or look for what hangs with -v",
    });
  }
}
