import { SessionGarbled } from "../base/index.js";

/** What a stream of a session consists of: marks, and what was printed between them. */
export type Piece =
  | { readonly type: "data"; readonly data: Buffer }
  | { readonly type: "mark"; readonly letter: string; readonly fields: readonly string[] };

const longestMark = 512;

/**
 * Takes a stream apart into marks, which begin with the session's nonce, and all else.
 *
 * It can be fed bytes in any portions. It keeps back at most as many bytes as could be the beginning
 * of a mark.
 */
export class Scanner {
  readonly #nonce: Buffer;
  #rest: Buffer = Buffer.alloc(0);
  #stopped = false;

  constructor(nonce: string) {
    this.#nonce = Buffer.from(`${nonce}:`);
  }

  /**
   * From the last mark on all is data, and not a byte of it is kept back: it is for a program that
   * waits for it. Only the executor's last words may follow what that program prints.
   */
  stop(): void {
    this.#stopped = true;
  }

  /** The pieces that are complete with these bytes. @throws SessionGarbled */
  *feed(bytes: Buffer): Generator<Piece> {
    let buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = Buffer.alloc(0);
    while (buffer.length > 0) {
      if (this.#stopped) {
        const last = Buffer.concat([this.#nonce, Buffer.from("Z\n")]);
        const isLast = buffer.subarray(-last.length).equals(last);
        yield data(isLast ? buffer.subarray(0, -last.length) : buffer);
        return;
      }
      const start = buffer.indexOf(this.#nonce);
      if (start < 0) {
        const kept = this.#possibleStart(buffer);
        this.#rest = Buffer.from(buffer.subarray(buffer.length - kept));
        if (buffer.length > kept) yield data(buffer.subarray(0, buffer.length - kept));
        return;
      }
      if (start > 0) yield data(buffer.subarray(0, start));
      const end = buffer.indexOf("\n", start);
      if (end < 0 && buffer.length - start <= longestMark) {
        this.#rest = Buffer.from(buffer.subarray(start));
        return;
      }
      if (end < 0 || end - start > longestMark) throw new SessionGarbled("a mark without an end");
      yield mark(buffer.toString("utf8", start + this.#nonce.length, end));
      buffer = buffer.subarray(end + 1);
    }
  }

  /** How many bytes at the end could be the beginning of the nonce. */
  #possibleStart(buffer: Buffer): number {
    const most = Math.min(this.#nonce.length - 1, buffer.length);
    for (let length = most; length > 0; length--) {
      if (buffer.subarray(buffer.length - length).equals(this.#nonce.subarray(0, length))) {
        return length;
      }
    }
    return 0;
  }
}

function data(bytes: Buffer): Piece {
  return { type: "data", data: bytes };
}

function mark(text: string): Piece {
  const [letter = "", ...fields] = text.split(":");
  return { type: "mark", letter, fields };
}
