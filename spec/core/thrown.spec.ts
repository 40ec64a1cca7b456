/** Texts that are sent: short enough, and whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords, reasonOf, sendable } from "../../core/thrown.js";

test("a text is cut to its limit, and says how long it was", () => {
  assert.equal(sendable("short", 20), "short");
  const cut = sendable("x".repeat(100), 40);
  assert.equal(cut, `${"x".repeat(22)}… (100 characters)`);
  assert.ok(sendable("😀".repeat(100), 41).length <= 41);
});

test("half a character becomes a whole one", () => {
  assert.equal(sendable("a\ud800", 10), "a\ufffd");
});

test("what was thrown, in words", () => {
  const thrown = new RangeError("too far");
  assert.deepEqual([inWords(thrown), reasonOf(thrown)], ["RangeError: too far", "too far"]);
  assert.deepEqual([inWords("x"), reasonOf(undefined)], ["x", "undefined"]);
});
