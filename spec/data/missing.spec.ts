/** Prerequisite data that nobody has. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { local } from "../../connections/local/index.js";
import { node } from "../../connections/node/index.js";
import { type Chain, deploy, host, isError, MissingData } from "../../engine/index.js";
import * as file from "../../properties/file/index.js";

const directory = mkdtempSync(path.join(tmpdir(), "missing-"));
after(() => rmSync(directory, { recursive: true }));
const made = path.join(directory, "made");
const it = host(
  "missing.example",
  file.hasContent(made, "x"),
  file.dataUploaded("_no", "such", path.join(directory, "data")),
);

test("with a Node image nothing begins", async () => {
  const { error, counts } = await deploy<Chain>([local(), node()], it);
  assert.ok(isError(error, MissingData), String(error));
  assert.deepEqual(counts, { changed: 0, unchanged: 0, failed: 0, notReached: 2 });
  assert.ok(!existsSync(made));
});

test("over a shell only the property that wants it fails", async () => {
  const { error, failures } = await deploy<Chain>([local()], it);
  assert.equal(error, undefined);
  assert.ok(isError(failures[0]?.error, MissingData), String(failures[0]?.error));
  assert.ok(existsSync(made));
});
