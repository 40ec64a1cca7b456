import { isUtf8 } from "node:buffer";
import { wireLimits } from "../core/index.js";
import { FrameRejected } from "./errors.js";

/** No frame may be larger, deeper or wider than this. */
export const limits = {
  ...wireLimits,
  bytes: 16 * 1024 * 1024,
  /** Room for values that are as deep as a value may be, inside a propspec that is as deep as one may be. */
  depth: 8 * wireLimits.depth,
} as const;

/**
 * Walks the msgpack bytes without building anything: one value, nothing after it, no extension, no
 * 64-bit integer, string keys, valid UTF-8, and every announced length really there.
 *
 * A decoder alone is not enough: it allocates what a header announces, and decodes extensions that
 * were switched off.
 *
 * @throws FrameRejected
 */
export function scan(bytes: Buffer): void {
  const walk = new Walk(bytes);
  walk.value(0);
  if (walk.position !== bytes.length) reject("bytes after the value", walk.position);
}

/** How many bytes follow types of a fixed size: null, booleans, and numbers of up to 32 bits or floats. */
const sizes = new Map([
  [0xc0, 0],
  [0xc2, 0],
  [0xc3, 0],
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
]);

class Walk {
  readonly bytes: Buffer;
  position = 0;
  #values = 0;
  /** Where the last string begins. */
  #textAt = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  value(depth: number): void {
    if (++this.#values > limits.values) reject("too many values", this.position);
    const at = this.position;
    const type = this.#uint(1);
    const size = sizes.get(type);
    if (size !== undefined) this.#skip(size);
    else if (type <= 0x7f || type >= 0xe0)
      return; // small integers
    else if (type <= 0x8f) this.#map(type & 0x0f, depth);
    else if (type <= 0x9f) this.#array(type & 0x0f, depth);
    else if (type <= 0xbf) this.#text(type & 0x1f);
    else if (type >= 0xc4 && type <= 0xc6) this.#skip(this.#uint(2 ** (type - 0xc4)));
    else if (type >= 0xd9 && type <= 0xdb) this.#text(this.#uint(2 ** (type - 0xd9)));
    else if (type === 0xdc || type === 0xdd) this.#array(this.#uint(2 * (type - 0xdb)), depth);
    else if (type === 0xde || type === 0xdf) this.#map(this.#uint(2 * (type - 0xdd)), depth);
    else reject(`type 0x${type.toString(16)} is not allowed`, at);
  }

  #array(count: number, depth: number): void {
    this.#enter(count, depth);
    for (let i = 0; i < count; i++) this.value(depth + 1);
  }

  #map(count: number, depth: number): void {
    if (count > limits.keys) reject("too many keys", this.position);
    this.#enter(2 * count, depth);
    for (let i = 0; i < count; i++) {
      const at = this.position;
      const type = this.bytes[at] ?? 0;
      const isText = (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb);
      if (!isText) reject("a key that is no string", at);
      this.value(depth + 1);
      if (this.bytes.toString("latin1", this.#textAt, this.position) === "__proto__") {
        reject("a key __proto__", at);
      }
      this.value(depth + 1);
    }
  }

  /** Every element takes a byte at least, so a count beyond what is left is a lie. */
  #enter(count: number, depth: number): void {
    if (depth >= limits.depth) reject("nested too deep", this.position);
    if (count > this.bytes.length - this.position) reject("cut short", this.position);
  }

  #text(length: number): void {
    this.#textAt = this.position;
    this.#skip(length);
    if (length > 0 && !isUtf8(this.bytes.subarray(this.#textAt, this.position))) {
      reject("a string that is not UTF-8", this.#textAt);
    }
  }

  #skip(length: number): void {
    if (length > this.bytes.length - this.position) reject("cut short", this.position);
    this.position += length;
  }

  #uint(size: number): number {
    const begin = this.position;
    this.#skip(size);
    return this.bytes.readUIntBE(begin, size);
  }
}

function reject(why: string, at: number): never {
  throw new FrameRejected(`a frame is malformed: ${why}, at byte ${at}`, { at });
}
