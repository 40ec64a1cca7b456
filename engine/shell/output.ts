/** What a command printed, as much of it as is kept: the beginning and the end. */
export class Output {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #headLength = 0;
  #tail: Buffer[] = [];
  #tailLength = 0;
  #dropped = 0;

  /** Keeps up to that many bytes. */
  constructor(maxBytes: number) {
    this.#half = Math.ceil(maxBytes / 2);
  }

  /** How many bytes in the middle were not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  add(bytes: Buffer): void {
    const room = Math.min(this.#half - this.#headLength, bytes.length);
    if (room > 0) {
      this.#head.push(Buffer.from(bytes.subarray(0, room)));
      this.#headLength += room;
    }
    if (room === bytes.length) return;
    this.#tail.push(Buffer.from(bytes.subarray(room)));
    this.#tailLength += bytes.length - room;
    // Cutting costs a copy, so it is done once in a while.
    if (this.#tailLength > 2 * this.#half) this.#cut();
  }

  /** What was kept, in one piece. */
  bytes(): Buffer {
    this.#cut();
    return Buffer.concat([...this.#head, ...this.#tail]);
  }

  #cut(): void {
    const excess = this.#tailLength - this.#half;
    if (excess <= 0) return;
    const kept = Buffer.concat(this.#tail).subarray(excess);
    this.#tail = [Buffer.from(kept)];
    this.#tailLength = kept.length;
    this.#dropped += excess;
  }
}
