const leastBytes = 64;

/**
 * Bytes that come piece by piece, in one buffer that grows: whoever sends single bytes makes its
 * receiver keep single bytes, and not an object for each.
 */
export class GrowingBuffer {
  #room = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Takes a copy of the piece, which may be a small part of a large buffer. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (this.#end + piece.length > this.#room.length) this.#makeRoom(piece.length);
    this.#room.set(piece, this.#end);
    this.#end += piece.length;
  }

  /** All bytes that are held, without a copy: good until the next change. */
  view(): Buffer {
    return this.#room.subarray(this.#start, this.#end);
  }

  /** The first bytes, or all if there are fewer, are not held any more. */
  drop(count: number): void {
    this.#start = Math.min(this.#start + count, this.#end);
    if (this.#start === this.#end) this.clear();
  }

  /** The first bytes, which are not held any more. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.view().subarray(0, count));
    this.drop(count);
    return taken;
  }

  /** Nothing is held any more, and no memory for it. */
  clear(): void {
    this.#room = Buffer.alloc(0);
    this.#start = 0;
    this.#end = 0;
  }

  /** Each byte is copied a few times at most, since what is copied at once grows with what is held. */
  #makeRoom(further: number): void {
    const held = this.view();
    const needed = held.length + further;
    const isHalfFree = 2 * needed <= this.#room.length;
    const room = isHalfFree ? this.#room : Buffer.allocUnsafeSlow(Math.max(leastBytes, 2 * needed));
    room.set(held);
    this.#room = room;
    this.#start = 0;
    this.#end = held.length;
  }
}
