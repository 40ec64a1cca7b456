import { Semaphore } from "./semaphore.js";

/** What goes by one name. */
interface Place {
  readonly semaphore: Semaphore;
  /** How many callers are inside, or wait to get in. */
  guests: number;
}

/** A place for each name, in which only so many callers are at once. See {@link Semaphore}. */
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
    // A caller that has given up is not inside, so it has nothing to give back.
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
