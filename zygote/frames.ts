/// <reference path="./msgpackr.d.ts" />

import { Packr, Unpackr } from "msgpackr/index-no-eval";
import { GrowingBuffer, type Wire, wireProblem } from "../core/index.js";
import { FrameRejected } from "./errors.js";
import { limits, scan } from "./scan.js";

const options = { useRecords: false, mapsAsObjects: true, variableMapSize: true } as const;
const packr = new Packr(options);
const unpackr = new Unpackr({ ...options, int64AsType: "number" });

/** Length of the header: how many bytes of payload follow, big endian. */
const headerBytes = 4;

/** The bytes of one frame. @throws FrameRejected naming what cannot be serialised */
export function encodeFrame(value: unknown): Buffer {
  assertSendable(value, "value");
  const payload = packr.pack(value);
  assertLength(payload.length);
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  payload.copy(frame, headerBytes);
  return frame;
}

/** The value of a frame's payload. @throws FrameRejected, and nothing else, on any input */
export function decodePayload(payload: Buffer): Wire {
  // Before the decoder sees it: it would believe a header that announces four billion elements.
  scan(payload);
  try {
    return unpackr.unpack(payload) as Wire;
  } catch (cause) {
    throw new FrameRejected("a frame does not decode", {}, { cause });
  }
}

/** Puts frames together from pieces as they arrive. */
export class FrameReader {
  readonly #held = new GrowingBuffer();

  /** The frames that this piece completes. @throws FrameRejected */
  push(piece: Buffer): Wire[] {
    this.#held.push(piece);
    const frames: Wire[] = [];
    for (;;) {
      const length = this.#payloadLength();
      if (length === undefined || this.#held.length < headerBytes + length) return frames;
      // A copy, since what is decoded may go on using its bytes.
      const frame = this.#held.take(headerBytes + length);
      frames.push(decodePayload(frame.subarray(headerBytes)));
    }
  }

  /** Nothing more will come. @throws FrameRejected inside a frame */
  end(): void {
    if (this.#held.length > 0) throw new FrameRejected("the stream ended inside a frame");
  }

  #payloadLength(): number | undefined {
    if (this.#held.length < headerBytes) return undefined;
    const length = this.#held.view().readUInt32BE(0);
    assertLength(length);
    return length;
  }
}

/** Reads one frame with a function that fills a buffer and says how far it got. */
export function readFrame(fill: (bytes: Buffer) => number): Wire {
  const header = Buffer.allocUnsafe(headerBytes);
  const got = fill(header);
  if (got < headerBytes) throw new FrameRejected("the stream ended before a frame", { got });
  const length = header.readUInt32BE(0);
  assertLength(length);
  const payload = Buffer.allocUnsafe(length);
  if (fill(payload) < length) throw new FrameRejected("the stream ended inside a frame");
  return decodePayload(payload);
}

function assertLength(length: number): void {
  if (length <= limits.bytes) return;
  throw new FrameRejected(`a frame of ${length} bytes is over the limit of ${limits.bytes}`, {
    hint: "send it in parts, or leave it in a file",
  });
}

/** Nothing, if the value can be sent to another process. @throws FrameRejected naming what cannot be */
export function assertSendable(value: unknown, name: string): void {
  const problem = wireProblem(value, name, { depth: limits.depth, omitsUndefined: false });
  if (!problem) return;
  const { place, what } = problem;
  throw new FrameRejected(`${place} cannot be sent to another process: it is ${what}`, {
    place,
    hint: "send null, booleans, numbers, strings, Uint8Arrays, arrays and plain objects of these",
  });
}
