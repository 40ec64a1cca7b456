/** So many characters of a beginning are looked at. */
const length = 4;

/** How some texts begin: in most places of another text none of them does, which is seen at a glance. */
export class Beginnings {
  readonly #mask: number;
  readonly #seen: Uint8Array;

  constructor(texts: readonly string[]) {
    const size = Math.min(2 ** 20, 2 ** Math.ceil(Math.log2(texts.length * 32 + 1)));
    this.#mask = size - 1;
    this.#seen = new Uint8Array(texts.length === 0 ? 0 : size);
    for (const text of texts) this.#seen[this.#hash(text, 0)] = 1;
  }

  /** Where in the text one of them may begin. */
  *placesIn(text: string): Generator<number> {
    if (this.#seen.length === 0) return;
    for (let at = 0; at + length <= text.length; at++) {
      if (this.#seen[this.#hash(text, at)] === 1) yield at;
    }
  }

  #hash(text: string, at: number): number {
    let hash = 0;
    for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
    return (hash ^ (hash >>> 9)) & this.#mask;
  }
}
