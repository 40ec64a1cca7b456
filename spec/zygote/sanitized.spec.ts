/** The zygote's loop under sanitizers, with clients that are up to no good. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isWhole, seed } from "../helpers/seed.js";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const build = path.join(repository, "zygote/native/build.mjs");
const clients = path.join(repository, "spec/zygote/hostileClient.c");

test("hostile clients do no harm", (t) => {
  const directory = mkdtempSync(path.join(os.tmpdir(), "sanitized-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = path.join(directory, "clients");
  execFileSync(process.execPath, [build, "--sanitized", clients, program], { stdio: "pipe" });
  const words = [String(seed), String(isWhole ? 20 : 1)];
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8" });
  assert.deepEqual([stdout, stderr, status], ["", "", 0]);
});
