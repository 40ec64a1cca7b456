/** Files that are no text, or too much of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isError } from "../../../../core/index.js";
import { FileFailed, type LookingHost } from "../../../../engine/index.js";
import { escapedText } from "../../../../properties/file/bytes.js";
import { containsLines } from "../../../../properties/file/editing/lines.js";
import { bytesOf, readText, textOf } from "../../../../properties/file/text.js";
import { heldBytes } from "../../../helpers/memory.js";
import fc from "../../../helpers/seeded.js";

const mebibyte = 1024 * 1024;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Line by line, as the words say: UTF-8, or a surrogate for each byte above 127. */
function expected(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .split(/(?<=\n)/)
    .map((line) => {
      try {
        return strict.decode(Buffer.from(line, "latin1"));
      } catch {
        return line.replace(/[\u0080-\u00ff]/g, (byte) =>
          String.fromCharCode(0xdc00 + byte.charCodeAt(0)),
        );
      }
    })
    .join("");
}

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "binary", maxLength: 4 }).map((text) => Buffer.from(text)),
  // What looks like a character and is none, or is hardly one.
  fc
    .constantFrom(
      "c080",
      "e09fbf",
      "eda080",
      "f08fbfbf",
      "f4908080",
      "f48fbfbf",
      "edbfbf",
      "efbbbf",
    )
    .map((hex) => Buffer.from(hex, "hex")),
  fc.constant(Buffer.from("\n")),
);

test("any bytes are the same bytes again, and each line of UTF-8 is what it says", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const bytes = Buffer.concat(pieces);
      assert.equal(escapedText(bytes), expected(bytes));
      assert.equal(textOf(bytes), expected(bytes));
      assert.ok(Buffer.from(bytesOf(textOf(bytes))).equals(bytes));
    }),
    { numRuns: 2000 },
  );
});

for (const [what, unit] of Object.entries({ "no text": "ff", "lines of no text": "ff0a" })) {
  test(`8 MiB of ${what} take the memory of their text`, () => {
    const bytes = Buffer.alloc(8 * mebibyte, unit, "hex");
    const before = heldBytes();
    const text = textOf(bytes);
    const held = heldBytes() - before;
    assert.equal(text.length, bytes.length);
    assert.ok(held < 40 * mebibyte, `${held / mebibyte} MiB`);
    assert.ok(Buffer.from(bytesOf(text)).equals(bytes));
  });
}

const reading = (bytes: Uint8Array) => ({ readBytes: async () => bytes }) as unknown as LookingHost;

test("a text that is too long is refused, with what to do", async () => {
  const most = 16 * mebibyte;
  assert.equal((await readText(reading(Buffer.alloc(most, "a")), "/f"))?.length, most);
  await assert.rejects(readText(reading(Buffer.alloc(most + 1)), "/f"), (error) => {
    assert.ok(isError(error, FileFailed));
    assert.match(error.message, /^\/f has 16777217 bytes and cannot be edited as text$/);
    return error.hint !== undefined;
  });
  assert.throws(
    () => containsLines("\n".repeat(8 * mebibyte), ["a"]),
    (error) => {
      return isError(error, FileFailed) && /more than 500000 lines/.test(error.message);
    },
  );
});
