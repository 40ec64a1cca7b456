import { onAbort } from "./onAbort.js";

/**
 * Only so many callers are at work at once. The others wait, and begin in the order in which they
 * asked.
 */
export class Semaphore {
  readonly #count: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Another semaphore for as many callers, which knows nothing of this one. */
  another(): Semaphore {
    return new Semaphore(this.#count);
  }

  /**
   * Settles when the caller's turn has come; the caller calls the result when its work is done.
   *
   * @throws the signal's reason
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await this.#untilFree(signal);
    return () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    };
  }

  #untilFree(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = () => {
        stop();
        resolve();
      };
      this.#waiting.push(give);
      const stop = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(give), 1);
        reject(signal?.reason as unknown);
      });
    });
  }
}
