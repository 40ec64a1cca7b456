import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { afterEach, test } from "node:test";
import { env } from "../../data/env/index.js";
import { MissingData, registerDataSource, resetDataSources } from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";
import { text } from "./helpers/folder.js";

afterEach(() => resetDataSources());

const read = async (iden1: string, iden2: string) => text((await findData(iden1, iden2)).content);

test("variables are the items that the map says, and no others are any", async () => {
  process.env.SPEC_PASSWORD = "hunter2\n";
  process.env.SPEC_OTHER = "other";
  registerDataSource(env({ SPEC_PASSWORD: ["_db", "password"] }));
  assert.equal(await read("_db", "password"), "hunter2\n");
  await assert.rejects(read("_db", "other"), MissingData);
  await assert.rejects(read("_db", "SPEC_OTHER"), MissingData);
  assert.equal(process.env.SPEC_OTHER, "other");
  delete process.env.SPEC_OTHER;
});

test("no program that is started has them, and they may be named again", async () => {
  process.env.SPEC_TOKEN = "t0ken";
  registerDataSource(env({ SPEC_TOKEN: ["_a", "token"] }));
  assert.doesNotMatch(execFileSync("env", { encoding: "utf8" }), /SPEC_TOKEN|t0ken/);
  registerDataSource(env({ SPEC_TOKEN: ["_b", "token"], SPEC_MORE: ["_b", "more"] }));
  assert.equal(await read("_a", "token"), "t0ken");
  assert.equal(await read("_b", "token"), "t0ken");
});

test("one that is not set, or empty, is missing; the error names it", async () => {
  process.env.SPEC_EMPTY = "";
  registerDataSource(env({ SPEC_UNSET: ["_a", "unset"], SPEC_EMPTY: ["_a", "empty"] }));
  for (const item of ["unset", "empty"]) {
    await assert.rejects(read("_a", item), (error: MissingData) => {
      assert.match(error.hint ?? "", /SPEC_UNSET, SPEC_EMPTY/);
      return error instanceof MissingData;
    });
  }
});
