import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FileMemo } from "../../../connections/ssh/fileMemo.js";

describe("what is made of files", { timeout: 30_000 }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "unchanged-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  test("is made once as long as they stay as they are", async () => {
    const [one, other] = [join(folder, "one"), join(folder, "other")];
    const memo = new FileMemo<number>();
    let made = 0;
    const ask = () => memo.of([one, other], () => ++made);
    writeFileSync(one, "1");
    // Another change could have the same time.
    assert.deepEqual([ask(), ask()], [1, 2]);
    await sleep(2100);
    assert.deepEqual([ask(), ask()], [3, 3]);
    const { atime, mtime } = statSync(one);
    writeFileSync(`${one}.new`, "2");
    utimesSync(`${one}.new`, atime, mtime);
    renameSync(`${one}.new`, one);
    assert.equal(ask(), 4);
    await sleep(2100);
    assert.deepEqual([ask(), ask()], [5, 5]);
    writeFileSync(other, "");
    assert.equal(ask(), 6);
    rmSync(other);
    assert.deepEqual([ask(), ask()], [7, 7]);
  });

  test("is not kept when it could not be made", async () => {
    const memo = new FileMemo<number>();
    const files = [join(folder, "missing")];
    const fail = () => memo.of(files, () => assert.fail("no"));
    assert.throws(fail);
    assert.equal(
      memo.of(files, () => 1),
      1,
    );
  });
});
