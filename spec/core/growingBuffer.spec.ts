import assert from "node:assert/strict";
import { test } from "node:test";
import { CappedOutput } from "../../core/cappedOutput.js";
import { GrowingBuffer } from "../../core/growingBuffer.js";
import { Noise } from "../../engine/shell/noise.js";
import { encodeFrame, FrameReader } from "../../zygote/frames.js";
import { heldBytes } from "../helpers/memory.js";
import { draws } from "../helpers/seed.js";

const mebibyte = 1024 * 1024;
const pieces = 2_000_000;

test("it holds what a list of the same bytes would", () => {
  const random = draws();
  for (let run = 0; run < 200; run++) {
    const buffer = new GrowingBuffer();
    let expected = Buffer.alloc(0);
    for (let step = 0; step < 100; step++) {
      const piece = Buffer.alloc(random(random(10) === 0 ? 5000 : 20), step);
      const count = random(random(3) === 0 ? 6000 : 30);
      if (random(3) > 0) {
        buffer.push(piece);
        expected = Buffer.concat([expected, piece]);
      } else if (random(2) === 0) {
        assert.ok(buffer.take(count).equals(expected.subarray(0, count)));
        expected = expected.subarray(count);
      } else {
        buffer.drop(count);
        expected = expected.subarray(count);
      }
      assert.ok(buffer.view().equals(expected));
      assert.equal(buffer.length, expected.length);
    }
  }
});

test("what was taken stays as it was", () => {
  const buffer = new GrowingBuffer();
  buffer.push(Buffer.from("abcdef"));
  const taken = buffer.take(3);
  buffer.push(Buffer.from("ghijklmnop"));
  assert.equal(`${taken} ${buffer.view()}`, "abc defghijklmnop");
  // Where what is held stays short the memory before it is used again.
  for (let count = 0; count < 1000; count++) {
    buffer.push(Buffer.from("x"));
    buffer.take(1);
  }
  assert.equal(`${taken}`, "abc");
});

/** Whatever takes bytes of a host: what it is given byte by byte, and what it may hold then. */
const takers: Readonly<Record<string, () => (piece: Buffer) => unknown>> = {
  "output that is capped": () => {
    const output = new CappedOutput(mebibyte);
    return (piece) => output.push(piece);
  },
  "a frame that is not whole": () => {
    const reader = new FrameReader();
    const header = Buffer.alloc(4);
    header.writeUInt32BE(pieces + 2);
    reader.push(header);
    return (piece) => reader.push(piece);
  },
  "small frames": () => {
    const reader = new FrameReader();
    const frame = encodeFrame({ kind: "said", value: "x" });
    let at = 0;
    return () => {
      reader.push(frame.subarray(at, at + 1));
      at = (at + 1) % frame.length;
    };
  },
  "what is printed on the way in": () => {
    const noise = new Noise();
    return (piece) => {
      noise.push(piece);
      return noise.completes("a prompt");
    };
  },
};
for (const [name, make] of Object.entries(takers)) {
  test(`${pieces} pieces of one byte: ${name}`, () => {
    const take = make();
    const before = heldBytes();
    for (let count = 0; count < pieces; count++) take(Buffer.from("x"));
    const held = heldBytes() - before;
    assert.ok(held < 8 * mebibyte, `${(held / mebibyte).toFixed(1)} MiB are held`);
    take(Buffer.from("x")); // it is still in use
  });
}
