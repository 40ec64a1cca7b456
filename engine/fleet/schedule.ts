/** A host that waits for its turn. */
export interface Candidate {
  /** Of those that say the same key, at most so many are deployed at once; the least number counts. */
  readonly limits: readonly (readonly [key: string, most: number])[];
  /** Whether the others wait until it has gone well. */
  readonly isCanary: boolean;
}

/** How many may be begun. */
export interface ScheduleOptions {
  /** As many may be out of service at once: being deployed, or failed. No limit by default. */
  readonly slots?: number;
  /** When more have failed no other begins. No limit by default. */
  readonly maxFailures?: number;
}

/** Decides which host may begin, and when no other may. It knows nothing of time. */
export class Schedule<C extends Candidate> {
  readonly #waiting: Set<C>;
  readonly #options: ScheduleOptions;
  readonly #most = new Map<string, number>();
  readonly #held = new Map<string, number>();
  #canariesLeft: number;
  #running = 0;
  #failed = 0;
  #stopped: string | undefined;

  constructor(candidates: readonly C[], options: ScheduleOptions = {}) {
    this.#options = options;
    const canaries = candidates.filter(({ isCanary }) => isCanary);
    this.#canariesLeft = canaries.length;
    this.#waiting = new Set([...canaries, ...candidates]);
    for (const [key, most] of candidates.flatMap(({ limits }) => limits)) {
      this.#most.set(key, Math.min(most, this.#most.get(key) ?? most));
    }
  }

  /** Why no other host begins; undefined as long as others do. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** How many are under way. */
  get running(): number {
    return this.#running;
  }

  /** Whether nothing is left to wait for. */
  get isOver(): boolean {
    return this.#running === 0 && (this.#stopped !== undefined || this.#waiting.size === 0);
  }

  /** The next host, which counts as under way from now on; undefined if none may begin now. */
  next(): C | undefined {
    if (this.#stopped !== undefined || !this.#hasSlot()) return undefined;
    for (const one of this.#waiting) {
      if (!one.isCanary && this.#canariesLeft > 0) return undefined;
      if (!one.limits.every(([key]) => this.#hasRoom(key))) continue;
      this.#waiting.delete(one);
      this.#running++;
      this.#count(one, 1);
      return one;
    }
    return undefined;
  }

  /** The host's deployment has ended. */
  ended(one: C, isWell: boolean): void {
    this.#running--;
    this.#count(one, -1);
    if (isWell && one.isCanary) this.#canariesLeft--;
    if (!isWell) this.#fail(one);
  }

  /** No other host begins, for that reason. */
  stop(reason: string): void {
    if (this.#waiting.size > 0) this.#stopped ??= reason;
  }

  #fail({ isCanary }: C): void {
    this.#failed++;
    const { slots = Number.POSITIVE_INFINITY, maxFailures = Number.POSITIVE_INFINITY } =
      this.#options;
    if (isCanary) this.stop("a canary failed");
    if (this.#failed > maxFailures) this.stop(`more than ${maxFailures} failed`);
    if (this.#failed >= slots) this.stop(`${slots} failed, and no more may be out of service`);
  }

  #hasSlot(): boolean {
    const { slots = Number.POSITIVE_INFINITY } = this.#options;
    return this.#running + this.#failed < slots;
  }

  #hasRoom(key: string): boolean {
    return (this.#held.get(key) ?? 0) < (this.#most.get(key) ?? 0);
  }

  #count({ limits }: C, difference: number): void {
    // A host that says a key twice, once by a group that it is in, is still one host.
    for (const key of new Set(limits.map(([key]) => key)))
      this.#held.set(key, (this.#held.get(key) ?? 0) + difference);
  }
}
