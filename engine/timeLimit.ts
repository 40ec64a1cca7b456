import { setMaxListeners } from "node:events";
import { Cancelled, type ConsfigError, DeploymentTimedOut, isError } from "./errors.js";

/** A time limit beside a signal, as one signal; it has to be ended. */
export class TimeLimit {
  /** Aborted by either. Undefined where there is neither. */
  readonly signal: AbortSignal | undefined;
  readonly #milliseconds: number | undefined;
  #isOver = false;
  readonly end: () => void;

  constructor({ signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number }) {
    this.signal = signal;
    this.#milliseconds = timeoutMs;
    this.end = () => {};
    if (timeoutMs === undefined) return;
    const controller = new AbortController();
    // Everything that is done on the host listens: that many are no leak.
    setMaxListeners(0, controller.signal);
    const timer = setTimeout(() => {
      this.#isOver = true;
      controller.abort();
    }, timeoutMs);
    const abort = () => controller.abort();
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
