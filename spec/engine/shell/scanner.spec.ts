/** The scanner: however the bytes arrive, the pieces are the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionGarbled } from "../../../engine/base/errors.js";
import { Scanner } from "../../../engine/shell/scanner.js";
import fc from "../../helpers/seeded.js";

const nonce = "0123456789abcdef0123456789abcdef";

/** What a scanner makes of the portions: marks, and the data between them in one piece. */
function pieces(portions: readonly Uint8Array[]): string[] {
  const scanner = new Scanner(nonce);
  const found: string[] = [];
  let data = "";
  const endData = () => {
    if (data !== "") found.push(data);
    data = "";
  };
  for (const portion of portions) {
    for (const piece of scanner.feed(Buffer.from(portion))) {
      if (piece.type === "data") {
        data += piece.data.toString("latin1");
      } else {
        endData();
        found.push(`mark ${[piece.letter, ...piece.fields].join(",")}`);
      }
    }
  }
  endData();
  return found;
}

const conversation = Buffer.from(
  [
    `noise\n${nonce}:H:123\n`,
    `${nonce}:S:1\n${nonce}:P:1:77\nout`,
    `${nonce}:E:1:0\n`,
    // What is almost a mark, and what is one after it.
    `${nonce}:S:2\n${nonce.slice(0, 31)}${nonce}\n${nonce}0:${nonce.repeat(2)}:E:2:1\n`,
    `\n\n\0ÿ${nonce}:B:3:text: with colons\n${nonce}:Z\n`,
    `0123456789abcdef0123456789abcdeX${nonce.slice(0, 20)}:`,
  ].join(""),
  "latin1",
);
const expected = [
  "noise\n",
  "mark H,123",
  "mark S,1",
  "mark P,1,77",
  "out",
  "mark E,1,0",
  "mark S,2",
  `${nonce.slice(0, 31)}${nonce}\n${nonce}0:${nonce}`,
  "mark E,2,1",
  "\n\n\0ÿ",
  "mark B,3,text, with colons",
  "mark Z",
  `0123456789abcdef0123456789abcdeX${nonce.slice(0, 20)}:`,
];

test("a conversation in one portion, and byte by byte", () => {
  assert.deepEqual(pieces([conversation]), expected);
  const bytes = [...conversation].map((byte) => Buffer.from([byte]));
  assert.deepEqual(pieces(bytes), expected);
});

test("a conversation cut at any place, and at any two", () => {
  for (let first = 0; first <= conversation.length; first++) {
    for (let second = first; second <= conversation.length; second += 7) {
      const portions = [
        conversation.subarray(0, first),
        conversation.subarray(first, second),
        conversation.subarray(second),
      ];
      assert.deepEqual(pieces(portions), expected, `cut at ${first} and ${second}`);
    }
  }
});

test("what cannot be a mark any more is not kept back", () => {
  const scanner = new Scanner(nonce);
  const count = (text: string) =>
    [...scanner.feed(Buffer.from(text))].reduce(
      (sum, piece) => sum + (piece.type === "data" ? piece.data.length : 0),
      0,
    );
  assert.equal(count("password: "), 10);
  assert.equal(count(`x${nonce.slice(0, 5)}`), 1);
  assert.equal(count("\n"), 6);
});

test("a mark without an end is refused", () => {
  const feed = (text: string) => [...new Scanner(nonce).feed(Buffer.from(text))];
  assert.throws(() => feed(`${nonce}:B:1:${"x".repeat(1000)}`), SessionGarbled);
  assert.throws(() => feed(`${nonce}:B:1:${"x".repeat(1000)}\n`), SessionGarbled);
  const slow = new Scanner(nonce);
  const drip = () => {
    for (const _ of slow.feed(Buffer.from(`${nonce}:`))) assert.fail("no piece");
    for (let index = 0; index < 1000; index++) {
      for (const _ of slow.feed(Buffer.from("x"))) assert.fail("no piece");
    }
  };
  assert.throws(drip, SessionGarbled);
});

test("any bytes: nothing is lost, and no other error is thrown", () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom(`${nonce}:`, nonce, ":", "\n", `${nonce}:E:1:0\n`, nonce.slice(0, 9))
      .map((text) => Buffer.from(text) as Uint8Array),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 30 }), (portions) => {
      const whole = Buffer.concat(portions);
      let found: string[];
      try {
        found = pieces(portions);
      } catch (error) {
        assert.ok(error instanceof SessionGarbled);
        return;
      }
      assert.deepEqual(found, pieces([whole]));
    }),
    { numRuns: 10_000 },
  );
});
