import type { Readable } from "node:stream";

/** Stands in a text of which the middle was not kept. */
export const cutMark = /\n\[\d+ bytes dropped\]\n/g;

/** What is kept of a stream: its beginning and its end, each up to a limit. */
export class CappedOutput {
  readonly limit: number;
  readonly #head: Buffer[] = [];
  #tail: Buffer[] = [];
  #headBytes = 0;
  #tailBytes = 0;
  #total = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many bytes in the middle were not kept. */
  get dropped(): number {
    return this.#total - this.#headBytes - Math.min(this.#tailBytes, this.limit);
  }

  /** Takes what has arrived: a copy of it, since it may be a small part of a large buffer. */
  push(bytes: Buffer): void {
    this.#total += bytes.length;
    const room = Math.min(this.limit - this.#headBytes, bytes.length);
    if (room > 0) {
      this.#head.push(Buffer.from(bytes.subarray(0, room)));
      this.#headBytes += room;
    }
    if (room === bytes.length) return;
    this.#tail.push(Buffer.from(bytes.subarray(room)));
    this.#tailBytes += bytes.length - room;
    // Cutting copies all of the tail, so it is done only now and then.
    if (this.#tailBytes > 2 * this.limit) this.#cut();
  }

  /** What was kept, in one piece. */
  bytes(): Buffer {
    this.#cut();
    return Buffer.concat([...this.#head, ...this.#tail]);
  }

  /** What was kept, with a line where something is missing. */
  text(): string {
    const kept = this.bytes();
    if (this.dropped === 0) return kept.toString();
    const [head, tail] = [kept.subarray(0, this.#headBytes), kept.subarray(this.#headBytes)];
    return `${head}\n[${this.dropped} bytes dropped]\n${tail}`;
  }

  #cut(): void {
    const excess = this.#tailBytes - this.limit;
    if (excess <= 0) return;
    this.#tail = [Buffer.from(Buffer.concat(this.#tail).subarray(excess))];
    this.#tailBytes = this.limit;
  }
}

/** Collects what the stream gives; the promise settles when the stream has ended. */
export function collect(stream: Readable, into: CappedOutput): Promise<void> {
  return new Promise((resolve) => {
    stream.on("data", (bytes: Buffer) => into.push(bytes));
    stream.on("error", () => {}); // 'close' follows
    stream.on("close", resolve);
  });
}
