import { GrowingBuffer } from "../../core/index.js";

const keptBytes = 64 * 1024;

/** What one stream prints on the way in. Its end is kept, however small the pieces are in which it comes. */
export class Noise {
  readonly #kept = new GrowingBuffer();
  #lastBytes = 0;

  push(bytes: Buffer): void {
    this.#kept.push(bytes);
    this.#kept.drop(Math.max(0, this.#kept.length - keptBytes));
    this.#lastBytes = bytes.length;
  }

  /** How often the text has become complete with what came last. */
  completes(text: string): number {
    const wanted = Buffer.from(text);
    const recent = this.#lastBytes + wanted.length - 1;
    const kept = this.#kept.view();
    let count = 0;
    let at = kept.indexOf(wanted, Math.max(0, kept.length - recent));
    for (; at >= 0; at = kept.indexOf(wanted, at + wanted.length)) count++;
    return count;
  }

  /** What is kept, without these texts. */
  without(texts: readonly string[]): string {
    return texts.reduce((rest, text) => rest.replaceAll(text, ""), this.#kept.view().toString());
  }
}
