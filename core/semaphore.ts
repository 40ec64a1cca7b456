import { onAbort } from "./onAbort.js";

/** Lets so many be at work at once, and the others, in the order in which they asked, after them. */
export class Semaphore {
  readonly #count: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Another one for as many, which knows nothing of this one. */
  another(): Semaphore {
    return new Semaphore(this.#count);
  }

  /** Waits for a turn; whoever has one calls the result once. @throws the signal's reason */
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
