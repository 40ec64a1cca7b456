import { Semaphore } from "./semaphore.js";

interface Place {
  readonly semaphore: Semaphore;
  /** Those who are inside, or wait. */
  guests: number;
}

/** A {@link Semaphore} for each place: so many may be in it at once. */
export class KeyedSemaphore {
  readonly #most: number;
  readonly #places = new Map<string, Place>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Settles when the caller is inside the place of that name, or has given up because the signal was
   * aborted. The caller calls the result to leave the place.
   */
  async enter(name: string, signal?: AbortSignal): Promise<() => void> {
    const place = this.#places.get(name) ?? { semaphore: new Semaphore(this.#most), guests: 0 };
    this.#places.set(name, place);
    place.guests++;
    // Whoever has given up is not inside, and has only stopped waiting.
    const release = await place.semaphore.take(signal).catch(() => () => {});
    let isGuest = true;
    return () => {
      if (!isGuest) return;
      isGuest = false;
      release();
      if (--place.guests === 0) this.#places.delete(name);
    };
  }
}
