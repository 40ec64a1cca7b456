/** Data that a Node image keeps on its host. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { dataDirectory, keepData, keepDataIn, keptItem } from "../../../engine/remote/dataCache.js";

const pairs = [
  ["web.example.com", "/etc/ssl/key"],
  ["_x", ".."],
  ["--user-passwd--h", "é_😀"],
  ["_x", "a/../../b"],
] as const;

/** Every file below the directory, with the directories' names. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(directory, name))
    .filter((file) => statSync(file).isFile());
}

test("one version of each item, for one account, whatever it is called", (t) => {
  const home = mkdtempSync(path.join(os.tmpdir(), "home-"));
  t.after(() => rmSync(home, { recursive: true }));
  const directory = dataDirectory(home);
  assert.equal(keptItem("_x", "y"), undefined);
  keepData("_x", "y", "1", Buffer.from("nowhere to keep it"));
  keepDataIn(directory);
  assert.equal(keptItem("_x", "y"), undefined);
  for (const [one, two] of pairs) {
    keepData(one, two, "1.2.abc", Buffer.from(`old ${two}`));
    keepData(one, two, "1.10", Buffer.from(`new ${two}`));
  }
  const files = filesIn(directory);
  assert.equal(files.length, pairs.length, "old versions are gone");
  assert.ok(files.every((file) => file.startsWith(directory)));
  for (const [one, two] of pairs) {
    const content = Buffer.from(`new ${two}`);
    assert.deepEqual(keptItem(one, two), { version: "1.10", content });
  }
  for (const file of files) {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(file)).mode & 0o077, 0);
    // What another process was about to write when it was killed.
    writeFileSync(path.join(path.dirname(file), "~0123"), "");
  }
  assert.ok(pairs.every(([one, two]) => keptItem(one, two)?.version === "1.10"));
});

test("what cannot be kept, and what another deployment is keeping, hinders nobody", (t) => {
  const home = mkdtempSync(path.join(os.tmpdir(), "home-"));
  t.after(() => rmSync(home, { recursive: true }));
  keepDataIn(dataDirectory(home));
  const long = "/long".repeat(60);
  keepData("_x", long, "1", Buffer.from("a name too long for a file"));
  assert.equal(keptItem("_x", long), undefined);
  keepData("_x", "y", "1", Buffer.from("old"));
  const [file = ""] = filesIn(home);
  const theirs = path.join(path.dirname(file), "~0123");
  writeFileSync(theirs, "half");
  keepData("_x", "y", "2", Buffer.from("new"));
  assert.ok(existsSync(theirs));
  utimesSync(theirs, 0, 0);
  keepData("_x", "y", "3", Buffer.from("newer"));
  assert.deepEqual(keptItem("_x", "y"), { version: "3", content: Buffer.from("newer") });
  assert.equal(filesIn(home).length, 1, "nothing else is left");
});
