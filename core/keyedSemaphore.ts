interface Place {
  inside: number;
  readonly queue: Set<() => void>;
}

/**
 * Lets so many into each place at once, and the others, in the order in which they came, when these
 * have left.
 */
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
    const place = this.#places.get(name) ?? { inside: 0, queue: new Set() };
    this.#places.set(name, place);
    if (place.inside < this.#most) place.inside++;
    else if (!(await isTurn(place.queue, signal))) return () => {};
    let isInside = true;
    return () => {
      if (isInside) this.#leave(name, place);
      isInside = false;
    };
  }

  #leave(name: string, place: Place): void {
    const [next] = place.queue;
    // It takes the place that is left.
    if (next) next();
    else if (--place.inside === 0) this.#places.delete(name);
  }
}

/** True when the turn has come, false when the signal was aborted before. */
function isTurn(queue: Set<() => void>, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const end = (come: boolean) => {
      queue.delete(onTurn);
      signal?.removeEventListener("abort", onAbort);
      resolve(come);
    };
    const onTurn = () => end(true);
    const onAbort = () => end(false);
    queue.add(onTurn);
    signal?.addEventListener("abort", onAbort);
  });
}
