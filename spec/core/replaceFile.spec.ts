/** A file is wholly what it was, or wholly what it is to be; nothing else is left beside it. */
import assert from "node:assert/strict";
import crypto from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { replaceFile, replaceFileSync } from "../../core/replaceFile.js";

const directory = mkdtempSync(path.join(tmpdir(), "replace-"));
const file = path.join(directory, "file");
after(() => rmSync(directory, { recursive: true }));

const state = () => [readdirSync(directory), readFileSync(file, "utf8")];

test("it is replaced, with the mode that is asked for", async () => {
  writeFileSync(file, "old", { mode: 0o644 });
  replaceFileSync(file, "new", { mode: 0o600, flush: true });
  assert.deepEqual(state(), [["file"], "new"]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await replaceFile(file, { mode: 0o600, prefix: "~" }, async (handle) => {
    await handle.writeFile("newer");
    assert.match(readdirSync(directory).join(), /^file,~[0-9a-f]{24}$/);
    assert.equal(readFileSync(file, "utf8"), "new");
  });
  assert.deepEqual(state(), [["file"], "newer"]);
});

test("where that fails it stays as it was", async () => {
  writeFileSync(file, "old");
  const failing = replaceFile(file, { mode: 0o600 }, async (handle) => {
    await handle.writeFile("half");
    throw new Error("the disk is full");
  });
  await assert.rejects(failing, { message: "the disk is full" });
  assert.throws(() => replaceFileSync(directory, "x", { mode: 0o600 }));
  assert.deepEqual(state(), [["file"], "old"]);
});

test("it is not written into what somebody has made under its new name", async (t) => {
  writeFileSync(file, "old");
  const elsewhere = path.join(directory, "elsewhere");
  t.mock.method(crypto, "randomBytes", (length: number) => Buffer.alloc(length));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const exists = { code: "EEXIST" };
  const options = { mode: 0o600 };
  const somebodyMakesIt = () => {
    writeFileSync(elsewhere, "untouched");
    symlinkSync(elsewhere, `${file}.${"0".repeat(24)}`);
  };
  somebodyMakesIt();
  assert.throws(() => replaceFileSync(file, "new", options), exists);
  somebodyMakesIt();
  await assert.rejects(
    replaceFile(file, options, (handle) => handle.writeFile("new")),
    exists,
  );
  assert.equal(readFileSync(elsewhere, "utf8"), "untouched");
  assert.equal(readFileSync(file, "utf8"), "old");
});
