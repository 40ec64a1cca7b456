import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { local } from "../../connections/local/index.js";
import {
  type DataSource,
  deployThese,
  host,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { findDataOnce } from "../../engine/model/data.js";
import { dataUploaded } from "../../properties/file/index.js";
import { scratchFolder, text } from "./helpers/folder.js";

const folder = scratchFolder();

/** What it was asked to read, and how it answers. */
const state = { reads: [] as string[], version: "1", fails: false };

const source: DataSource = {
  description: "a source that counts",
  version: async (iden1) => (iden1 === "_site" ? state.version : undefined),
  async read(_iden1, iden2) {
    state.reads.push(iden2);
    if (state.fails) throw new MissingDataSource("not now");
    return Buffer.from(`${iden2} ${state.version}`);
  },
};

beforeEach(() => {
  Object.assign(state, { reads: [], version: "1", fails: false });
  registerDataSource(source);
});
afterEach(() => resetDataSources());

test("a deployment asks a source once for what check and apply both want", async () => {
  const props = [
    dataUploaded("_site", "a", folder.path("a")),
    dataUploaded("_site", "b", folder.path("b")),
  ];
  for (const changed of [true, false]) {
    state.reads = [];
    const report = await deployThese([local()], host("once.example"), props);
    assert.equal(report.failures.length, 0);
    assert.equal(report.changed, changed);
    assert.deepEqual(state.reads.toSorted(), ["a", "b"]);
  }
});

test("those who ask at the same time wait for the same answer", async () => {
  const find = findDataOnce();
  const items = await Promise.all([1, 2, 3].map(() => find("_site", "a")));
  assert.deepEqual(state.reads, ["a"]);
  assert.deepEqual(
    items.map(({ content }) => text(content)),
    ["a 1", "a 1", "a 1"],
  );
});

test("another version is another content", async () => {
  const find = findDataOnce();
  await find("_site", "a");
  state.version = "2";
  const { version, content } = await find("_site", "a");
  assert.deepEqual([version, text(content)], ["2", "a 2"]);
});

test("a failure is not remembered", async () => {
  const find = findDataOnce();
  state.fails = true;
  await assert.rejects(Promise.all([find("_site", "a"), find("_site", "a")]), MissingDataSource);
  state.fails = false;
  assert.equal(text((await find("_site", "a")).content), "a 1");
  assert.deepEqual(state.reads, ["a", "a"]);
});

test("another deployment asks again", async () => {
  await findDataOnce()("_site", "a");
  await findDataOnce()("_site", "a");
  assert.deepEqual(state.reads, ["a", "a"]);
});
