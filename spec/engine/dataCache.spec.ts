/** Data that a Node image keeps on its host. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import {
  dataDirectory,
  keepData,
  keepDataIn,
  keptContent,
  keptVersion,
} from "../../engine/order/dataCache.js";

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
  assert.equal(keptVersion("_x", "y"), undefined);
  keepData("_x", "y", "1", Buffer.from("nowhere to keep it"));
  keepDataIn(directory);
  assert.equal(keptVersion("_x", "y"), undefined);
  for (const [one, two] of pairs) {
    keepData(one, two, "1.2.abc", Buffer.from(`old ${two}`));
    keepData(one, two, "1.10", Buffer.from(`new ${two}`));
  }
  const files = filesIn(directory);
  assert.equal(files.length, pairs.length, "old versions are gone");
  assert.ok(files.every((file) => file.startsWith(directory)));
  for (const [one, two] of pairs) {
    assert.equal(keptVersion(one, two), "1.10");
    assert.equal(Buffer.from(keptContent(one, two, "1.10")).toString(), `new ${two}`);
  }
  for (const file of files) {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(file)).mode & 0o077, 0);
    // What another process was about to write when it was killed.
    writeFileSync(path.join(path.dirname(file), "~0123"), "");
  }
  assert.ok(pairs.every(([one, two]) => keptVersion(one, two) === "1.10"));
});
