/** Where a consfig's code is, in the words of whoever stands in a directory. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { callSites, describeSite, fileOf } from "../../core/definitions/callSites.js";

const directory = realpathSync(mkdtempSync(path.join(tmpdir(), "spec-")));
const home = process.cwd();
after(() => {
  process.chdir(home);
  rmSync(directory, { recursive: true });
});

function here(): string | undefined {
  const [caller] = callSites();
  return caller && describeSite(caller);
}

test("the same place is described anew from each directory", async () => {
  const file = path.join(directory, "a b%20ü.mjs");
  writeFileSync(
    file,
    "export const where = (here) => here();\nexport const too = (here) => here();\n",
  );
  const { where, too } = await import(pathToFileURL(file).href);
  for (let round = 0; round < 2; round++) {
    process.chdir(directory);
    assert.equal(where(here), "a b%20ü.mjs:1:32");
    assert.equal(too(here), "a b%20ü.mjs:2:30");
    process.chdir(home);
    assert.match(where(here), /a b%20ü\.mjs:1:32$/);
    assert.notEqual(where(here), "a b%20ü.mjs:1:32");
  }
});

test("a file is named as it is on the disk, and what came from no file has none", () => {
  const [site] = callSites();
  assert.ok(site);
  const named = (name: string | undefined) =>
    fileOf({ getFileName: () => name } as NodeJS.CallSite);
  assert.equal(named("file:///tmp/a%20b.js"), "/tmp/a b.js");
  assert.equal(named("file:///tmp/a%20b.js"), "/tmp/a b.js");
  assert.equal(named("/tmp/a%20b.js"), "/tmp/a%20b.js");
  assert.equal(named("node:fs"), "node:fs");
  assert.equal(named(undefined), undefined);
});
