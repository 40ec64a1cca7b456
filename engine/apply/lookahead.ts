import type { Finding } from "../model/index.js";

/** As many checks are begun ahead of their turn, at most. */
const widest = 64;

/**
 * Checks that are begun before their turn, so that their answers travel together.
 *
 * A host on which there is nothing to do needs one round trip for all of its properties. A check
 * that began before something was changed may be out of date: its answer is thrown away and the
 * host is asked again. After a change only the next property is looked at, then two ahead, four …,
 * so that a first run, which changes almost everything, asks for little in vain.
 */
export class Lookahead {
  readonly #begun = new Map<string, { answer: Promise<Finding>; epoch: number }>();
  readonly #around: Lookahead | undefined;
  #epoch = 0;
  #window = widest;

  /** `around`: the look-ahead of the property that these checks are a part of. */
  constructor(around?: Lookahead) {
    this.#around = around;
  }

  /** How often something has changed, or may have. An answer counts only in the epoch it was asked in. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Something is about to change, or has: answers to earlier questions are no longer believed. */
  changed(): void {
    this.#around?.changed();
    this.#epoch++;
    this.#window = 1;
  }

  /** Begins the checks of the next propapps, as far ahead as is sensible. */
  begin(next: Iterable<{ readonly path: string; readonly check: () => Promise<Finding> }>): void {
    let ahead = 0;
    for (const { path, check } of next) {
      if (ahead++ >= this.#window) return;
      if (this.#begun.get(path)?.epoch === this.#epoch) continue;
      const answer = check();
      // A check that throws is a failure only if its answer still counts when its turn comes.
      answer.catch(() => {});
      this.#begun.set(path, { answer, epoch: this.#epoch });
    }
  }

  /**
   * The answer to the propapp's check. It is asked now, unless an answer that still counts is under
   * way.
   */
  async take(path: string, check: () => Promise<Finding>): Promise<Finding> {
    const begun = this.#begun.get(path);
    this.#begun.delete(path);
    const holds = await (begun?.epoch === this.#epoch ? begun.answer : check());
    if (holds === true) this.#window = Math.min(widest, this.#window * 2);
    return holds;
  }
}
