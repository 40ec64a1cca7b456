/** Members that may be left out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defined } from "../../core/index.js";

test("only what is undefined is left out", () => {
  const members = { a: 1, b: undefined, c: null, d: "", e: false, f: 0 };
  assert.deepEqual(Object.entries(defined(members)), [
    ["a", 1],
    ["c", null],
    ["d", ""],
    ["e", false],
    ["f", 0],
  ]);
});

test("what may be undefined may be left out, and nothing else may be", () => {
  const made: { a: number; b?: string } = defined({ a: 1, b: undefined as string | undefined });
  assert.deepEqual(made, { a: 1 });
  // @ts-expect-error: it may not be there
  const lacking: { b: string } = defined({ b: undefined as string | undefined });
  assert.deepEqual(lacking, {});
});
