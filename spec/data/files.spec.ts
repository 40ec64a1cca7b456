import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { filesTree } from "../../data/filesTree/index.js";
import { localFile } from "../../data/localFile/index.js";
import {
  InvalidArgument,
  MissingData,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";

const root = mkdtempSync(path.join(os.tmpdir(), "consfig-data-"));
after(() => rmSync(root, { recursive: true }));
afterEach(() => resetDataSources());

function file(name: string, content: string, changed = 1_000_000): string {
  const place = path.join(root, name);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, content);
  utimesSync(place, changed, changed);
  return place;
}

test("relative paths start where the consfig is", () => {
  const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const compiled = (text: string) => text.replace("/dist/spec/", "/spec/");
  const home = process.cwd();
  process.chdir(root);
  try {
    for (const [source, name] of [
      [filesTree("some/tree"), "some/tree"],
      [localFile("../key", "_a", "b"), "../key"],
    ] as const) {
      assert.ok(source.description.includes(compiled(beside(name))), source.description);
    }
  } finally {
    process.chdir(home);
  }
});

test("filesTree serves the files below it, and nothing outside", async () => {
  file("tree/web1.example.com/etc/foo", "foo\n");
  file("outside", "secret");
  registerDataSource(filesTree(path.join(root, "tree")));
  const item = await findData("web1.example.com", "/etc/foo");
  assert.equal(Buffer.from(item.content).toString(), "foo\n");
  assert.equal(item.version, "1000000000");
  await assert.rejects(findData("web1.example.com", "../../outside"), MissingData);
  await assert.rejects(findData("web1.example.com", "/etc"), MissingData);
  await assert.rejects(findData("web1.example.com", "/etc/bar"), MissingData);
});

test("of several sources the one with the greatest version serves", async () => {
  const old = file("old", "old", 1000);
  const fresh = file("fresh", "fresh", 2000);
  registerDataSource(localFile(fresh, "_site", "key"));
  registerDataSource(localFile(old, "_site", "key"));
  const { content } = await findData("_site", "key");
  assert.equal(Buffer.from(content).toString(), "fresh");
});

test("a source that cannot be read says so", async () => {
  registerDataSource(filesTree(path.join(root, "nowhere")));
  await assert.rejects(findData("web1", "/x"), MissingDataSource);
  resetDataSources();
  registerDataSource(localFile(path.join(root, "gone"), "_site", "key"));
  await assert.rejects(findData("_site", "key"), MissingDataSource);
});

test("what cannot identify prerequisite data is refused", async () => {
  for (const iden1 of ["", "a b", ".", "a..b", "é"]) {
    await assert.rejects(findData(iden1, "x"), InvalidArgument, iden1);
  }
  await assert.rejects(findData("web1", ""), InvalidArgument);
  await assert.rejects(findData("_site", "x"), /register a source|asked|no source/);
});

test("content is printed by no ordinary way as a secret", async () => {
  registerDataSource(localFile(file("pw", "hunter2"), "_site", "pw"));
  const secret = (await findData("_site", "pw")).asSecret();
  assert.equal(`${secret}`, "[secret]");
  assert.equal(secret.reveal(), "hunter2");
});
