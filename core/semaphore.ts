/** Gives so many turns at once, in the order they were asked for. */
export class Turns {
  readonly #count: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** As many turns, which are taken apart from these. */
  another(): Turns {
    return new Turns(this.#count);
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
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(give), 1);
        reject(signal?.reason as unknown);
      };
      this.#waiting.push(give);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }
}
