import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameRejected } from "../../zygote/errors.js";
import { decodePayload, encodeFrame, FrameReader, readFrame } from "../../zygote/frames.js";
import { replyMessage, requestMessage } from "../../zygote/protocol.js";
import { limits } from "../../zygote/scan.js";
import { draws } from "../helpers/seed.js";
import fc from "../helpers/seeded.js";

const wire = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    // There is no -0 among what is sent.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.maxSafeInteger(),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
})).value;

const payloadOf = (value: unknown) => encodeFrame(value).subarray(4);

test("what is encoded is decoded the same, in any pieces", () => {
  fc.assert(
    fc.property(
      fc.array(wire, { maxLength: 3 }),
      fc.integer({ min: 1, max: 50 }),
      (values, size) => {
        const bytes = Buffer.concat(values.map(encodeFrame));
        const reader = new FrameReader();
        const read: unknown[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          read.push(...reader.push(bytes.subarray(at, at + size)));
        }
        reader.end();
        assert.deepEqual(read, values);
      },
    ),
    { numRuns: 500 },
  );
});

/** A conversation as it was recorded: a request and a reply. */
const conversation = [
  {
    kind: "request",
    form: { form: "a.b", args: [1, "two", [3.5, null], { four: Buffer.from("4") }] },
  },
  { kind: "threw", error: { name: "Error", message: "é\n", stack: "at x", code: "E_X" } },
];

/** Decodes and checks; only the one error may come. */
function receive(payload: Buffer): void {
  try {
    const value = decodePayload(payload);
    requestMessage.safeParse(value);
    replyMessage.safeParse(value);
  } catch (error) {
    assert.ok(error instanceof FrameRejected, String(error));
  }
}

test("every bit of a conversation flipped: only the one error", () => {
  for (const message of conversation) {
    const payload = payloadOf(message);
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const copy = Buffer.from(payload);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      receive(copy);
    }
    for (let length = 0; length < payload.length; length++) {
      assert.throws(() => decodePayload(payload.subarray(0, length)), FrameRejected);
    }
  }
});

test("mutated frames: only the one error, in no time, and nothing grows", () => {
  const runs = Number(process.env.CONFSIG_MUTATIONS ?? 100_000);
  const payloads = conversation.map(payloadOf);
  const random = draws();
  const before = process.memoryUsage().rss;
  let slowest = 0;
  for (let run = 0; run < runs; run++) {
    const copy = Buffer.from(payloads[run % payloads.length] as Buffer);
    for (let edits = 1 + random(4); edits > 0; edits--) copy[random(copy.length)] = random(256);
    const begun = performance.now();
    receive(random(4) === 0 ? copy.subarray(0, random(copy.length)) : copy);
    slowest = Math.max(slowest, performance.now() - begun);
  }
  assert.ok(slowest < 250, `one took ${slowest} ms`);
  assert.ok(process.memoryUsage().rss - before < 100e6);
});

test("hostile frames are refused before anything is built of them", () => {
  const hostile: Record<string, string> = {
    "four billion elements": "ddffffffff",
    "four billion keys": "dfffffffff",
    "a string of four gigabytes": "dbffffffff61",
    "bytes of four gigabytes": "c6ffffffff61",
    "an extension": "d40000",
    "a date": "d6ff00000000",
    "a record definition": "d4724091a161c0",
    "a 64-bit integer": "cfffffffffffffffff",
    "type 0xc1": "c1",
    "a key that is a number": "8101c0",
    "a key __proto__": "81a95f5f70726f746f5f5f80",
    "the same key written longer": "81d9095f5f70726f746f5f5f80",
    "half a character": "a1ff",
    "two values": "c0c0",
    nothing: "",
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    assert.throws(() => decodePayload(Buffer.from(bytes, "hex")), FrameRejected, what);
  }
  const deep = Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.from([0xc0])]);
  assert.throws(() => decodePayload(deep), FrameRejected);
  assert.throws(() => decodePayload(Buffer.from(`de${"ffff"}${"a161c0".repeat(65535)}`, "hex")), {
    code: "E_FRAME",
  });
  const many = Buffer.alloc(limits.values + 10, 0x01);
  many.writeUInt8(0xdd, 0);
  many.writeUInt32BE(limits.values + 5, 1);
  assert.throws(() => decodePayload(many), FrameRejected);
});

test("a length over the limit is refused before its bytes arrive", () => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(limits.bytes + 1);
  assert.throws(() => new FrameReader().push(header), FrameRejected);
  assert.throws(() => encodeFrame("x".repeat(limits.bytes)), FrameRejected);
  const short = Buffer.from([0, 0, 0, 9, 1]);
  let at = 0;
  const fill = (bytes: Buffer) => {
    const got = short.copy(bytes, 0, at);
    at += got;
    return got;
  };
  assert.throws(() => readFrame(fill), FrameRejected);
  const reader = new FrameReader();
  reader.push(short);
  assert.throws(() => reader.end(), FrameRejected);
});

test("what cannot be sent is named", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  for (const [value, place] of [
    [{ a: [undefined] }, "value.a[0]"],
    [{ a: { b: undefined } }, "value.a.b"],
    [new (class Point {})(), "value"],
    [JSON.parse('{"__proto__": 1}'), "value"],
    [[new Error("x")], "value[0]"],
    [{ a: [1, Number.NaN] }, "value.a[1]"],
    [[Number.POSITIVE_INFINITY], "value[0]"],
    [{ a: -0 }, "value.a"],
    [["\ud800x"], "value[0]"],
    [{ "\udc00": 1 }, "value"],
    [loop, `value${"[0]".repeat(limits.depth)}`],
  ]) {
    assert.throws(
      () => encodeFrame(value),
      (error) => error instanceof FrameRejected && error.facts.place === place,
      String(place),
    );
  }
});
