/** Putting something into a Node, and taking it out again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pristine, pristineOf, withBlob } from "../../engine/executable/elf.js";
import { trailerFor, trailerOf } from "../../engine/executable/trailer.js";
import { AbortedChange } from "../../engine/index.js";

const node = readFileSync(process.execPath);

test("what comes out is what was there, to the byte", () => {
  const program = withBlob(node, Buffer.from("a blob of an odd length"));
  assert.ok(program.includes("a blob of an odd length"));
  assert.ok(!program.equals(node));
  assert.ok(pristine(program, pristineOf(node)).equals(node));
});

test("what has a blob gets no other, and what is no Node none", () => {
  const program = withBlob(node, Buffer.from("blob"));
  assert.throws(() => withBlob(program, Buffer.from("blob")), AbortedChange);
  for (const other of ["", "#!/bin/sh\n", "\x7fELF\x01\x01", "\x7fELF\x02\x01"]) {
    const bytes = Buffer.concat([Buffer.from(other, "latin1"), Buffer.alloc(100)]);
    assert.throws(() => withBlob(bytes, Buffer.from("blob")), AbortedChange, other);
  }
  assert.throws(() => withBlob(readFileSync("/bin/sh"), Buffer.from("blob")), AbortedChange);
});

test("a trailer is read as it was written", () => {
  const hash = (letter: string) => Buffer.alloc(32, letter);
  const trailer = {
    pristine: { length: 2 ** 40, table: 64, count: 13 },
    madeOf: hash("a"),
    content: hash("b"),
  };
  assert.deepEqual(trailerOf(Buffer.concat([node, trailerFor(trailer)])), trailer);
  assert.equal(trailerOf(node), undefined);
  assert.equal(trailerOf(Buffer.alloc(3)), undefined);
});
