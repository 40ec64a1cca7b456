import type { Readable } from "node:stream";

/** What is kept of a stream: its begin and its end, each up to a limit. */
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

  /** How many bytes were not kept. */
  get dropped(): number {
    return this.#total - this.#headBytes - Math.min(this.#tailBytes, this.limit);
  }

  /** Takes what has arrived. */
  push(bytes: Buffer): void {
    this.#total += bytes.length;
    const room = this.limit - this.#headBytes;
    if (room > 0) {
      const first = bytes.subarray(0, room);
      this.#head.push(first);
      this.#headBytes += first.length;
    }
    const rest = bytes.subarray(Math.max(room, 0));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    // Joined only now and then, so that a byte is copied a constant number of times.
    if (this.#tailBytes > 2 * this.limit) this.#tail = [this.#lastOfTail()];
    this.#tailBytes = this.#tail.reduce((sum, one) => sum + one.length, 0);
  }

  /** What was kept, with a line where something is missing. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = this.#lastOfTail();
    if (this.dropped === 0) return Buffer.concat([head, tail]).toString();
    return `${head}\n[${this.dropped} bytes dropped]\n${tail}`;
  }

  #lastOfTail(): Buffer {
    const tail = Buffer.concat(this.#tail);
    return tail.subarray(Math.max(0, tail.length - this.limit));
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
