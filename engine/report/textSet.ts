import { Beginnings } from "./beginnings.js";

/** A part of a text: from one position to before another one. */
export type Span = readonly [from: number, to: number];

/**
 * Texts that are looked for in others, all at once: what that takes grows with the text that is looked
 * through, and hardly with how many are looked for. They are short, and each has at least four characters.
 */
export class TextSet {
  /** In the order of their characters. */
  readonly #sorted: readonly string[];
  /** The longest other one that each begins with; -1 if there is none. */
  readonly #within: Int32Array;
  readonly #beginnings: Beginnings;
  readonly #longest: number;

  constructor(texts: Iterable<string>) {
    this.#sorted = [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1));
    this.#within = new Int32Array(this.#sorted.length);
    this.#longest = this.#sorted.reduce((most, { length }) => Math.max(most, length), 0);
    this.#beginnings = new Beginnings(this.#sorted);
    for (const [i, text] of this.#sorted.entries()) {
      let outer = i - 1;
      while (outer >= 0 && !text.startsWith(this.#sorted[outer] ?? "")) {
        outer = this.#within[outer] ?? -1;
      }
      this.#within[i] = outer;
    }
  }

  /** Everywhere one of them stands in the text, the longest one where several begin. */
  *spansIn(text: string): Generator<Span> {
    for (const at of this.#beginnings.placesIn(text)) {
      const length = this.#lengthAt(text, at);
      if (length > 0) yield [at, at + length];
    }
  }

  /** Where one of them begins that goes on beyond the end of the text. */
  unfinishedIn(text: string): number | undefined {
    for (const at of this.#beginnings.placesIn(text)) {
      const rest = text.slice(at);
      if (this.#sorted[this.#firstFrom(rest)]?.startsWith(rest)) return at;
    }
    return undefined;
  }

  #lengthAt(text: string, at: number): number {
    const rest = text.slice(at, at + this.#longest);
    // Those that the rest begins with are not after it in the order; the last of them begins with the others.
    let index = this.#firstFrom(rest);
    if (this.#sorted[index] !== rest) index--;
    while (index >= 0) {
      const one = this.#sorted[index] ?? "";
      if (rest.startsWith(one)) return one.length;
      index = this.#within[index] ?? -1;
    }
    return 0;
  }

  /** The index of the first one that is not before the text in the order. */
  #firstFrom(text: string): number {
    let [from, to] = [0, this.#sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sorted[middle] ?? "") < text) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
