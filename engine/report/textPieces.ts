import { Beginnings } from "./beginnings.js";
import type { Span } from "./textSet.js";

/** So many pieces of one text are remembered, at most. */
const mostPieces = 4096;

interface Place {
  readonly text: string;
  readonly at: number;
}

/**
 * Texts that are looked for in others, as a whole or in part: one piece of a text is enough to find all of
 * it that stands there.
 */
export class TextPieces {
  readonly #places = new Map<string, Place>();
  readonly #lengths: readonly number[];
  readonly #beginnings: Beginnings;

  constructor(texts: Iterable<string>, pieceLength: number) {
    for (const text of texts) {
      const last = Math.max(0, text.length - pieceLength);
      const step = Math.max(pieceLength, Math.ceil(text.length / mostPieces));
      for (let at = 0; at <= last; at += step) {
        const piece = text.slice(at, at + pieceLength);
        if (!this.#places.has(piece)) this.#places.set(piece, { text, at });
      }
    }
    const pieces = [...this.#places.keys()];
    this.#lengths = [...new Set(pieces.map(({ length }) => length))];
    this.#beginnings = new Beginnings(pieces);
  }

  /** Everywhere a part of one of them stands in the text. */
  *spansIn(text: string): Generator<Span> {
    let end = 0;
    for (const at of this.#beginnings.placesIn(text)) {
      for (const length of this.#lengths) {
        // A part of what was found before, or longer than what is left.
        if (at + length <= end || at + length > text.length) continue;
        const place = this.#places.get(text.slice(at, at + length));
        if (!place) continue;
        const from = begin(text, at, place, Math.min(at, end));
        end = stop(text, at + length, place.text, place.at + length);
        yield [from, end];
      }
    }
  }
}

/** Where what the piece is a piece of begins in the text, not before `least`. */
function begin(text: string, from: number, place: Place, least: number): number {
  let back = 0;
  while (from - back > least && text[from - back - 1] === place.text[place.at - back - 1]) back++;
  return from - back;
}

/** As far as the text goes on like the other one. */
function stop(text: string, from: number, other: string, otherFrom: number): number {
  let on = 0;
  while (otherFrom + on < other.length && text[from + on] === other[otherFrom + on]) on++;
  return from + on;
}
