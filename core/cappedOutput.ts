import type { Readable } from "node:stream";
import { GrowingBuffer } from "./growingBuffer.js";

/** Stands in a text of which the middle was not kept. */
export const cutMark = /\n\[\d+ bytes dropped\]\n/g;

/** What is kept of a stream: its beginning and its end, each up to a limit. */
export class CappedOutput {
  readonly limit: number;
  readonly #head = new GrowingBuffer();
  readonly #tail = new GrowingBuffer();
  #total = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many bytes in the middle were not kept. */
  get dropped(): number {
    return this.#total - this.#head.length - this.#tail.length;
  }

  /** Takes what has arrived: a copy of it, since it may be a small part of a large buffer. */
  push(bytes: Buffer): void {
    this.#total += bytes.length;
    const room = Math.min(this.limit - this.#head.length, bytes.length);
    if (room > 0) this.#head.push(bytes.subarray(0, room));
    const last = bytes.subarray(Math.max(room, bytes.length - this.limit));
    this.#tail.drop(Math.max(0, this.#tail.length + last.length - this.limit));
    this.#tail.push(last);
  }

  /** What was kept, in one piece. */
  bytes(): Buffer {
    return Buffer.concat([this.#head.view(), this.#tail.view()]);
  }

  /** What was kept, with a line where something is missing. */
  text(): string {
    if (this.dropped === 0) return this.bytes().toString();
    return `${this.#head.view()}\n[${this.dropped} bytes dropped]\n${this.#tail.view()}`;
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
