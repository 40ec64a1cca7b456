/** What becomes of journals whose writer ended in the middle, and of what was never one. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { CommandFailed } from "../../../engine/index.js";
import { Journal } from "../../../engine/journal/journal.js";
import { listRuns, readRun } from "../../../engine/journal/read.js";
import { longestLine } from "../../../engine/journal/records.js";
import { begin, connecting, ended, finished, itemOf, ownState } from "./fixture.js";

const run = "20261121-193300-k3f";

function fileOf(directory: string, name = run): string {
  return path.join(directory, "consfigurator", "runs", `${name}.ndjson`);
}

/** A small journal that has every sort of record, and nothing of a process that still lives. */
async function small(directory: string): Promise<Buffer> {
  const journal = await begin("a", "b");
  journal.listener(connecting("a"));
  journal.listener(ended("a", itemOf("0.0")));
  journal.listener(ended("a", itemOf("0.1"), new CommandFailed("ünï\u2028", { output: "a\nb" })));
  await journal.sync();
  journal.listener(finished("a"));
  journal.crashed("b", new Error("no"));
  journal.note("so");
  await journal.end(3);
  const second = await Journal.resume(journal.run);
  second.listener(connecting("b"));
  second.listener(ended("b", itemOf("0.0")));
  second.listener(finished("b"));
  await second.end(0);
  const bytes = fs.readFileSync(fileOf(directory, journal.run));
  fs.rmSync(fileOf(directory, journal.run));
  return Buffer.from(bytes.toString().replaceAll(`"pid":${process.pid},`, '"pid":4194304,'));
}

/** What is told of a run, as lines that only ever come to more. */
function toldIn(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "");
}

test("torn at every byte it is a part of the run, and nothing of it is damaged", async (t) => {
  const directory = ownState(t);
  const whole = await small(directory);
  for (let length = 0; length <= whole.length; length++) {
    for (const tail of length % 7 === 0 ? [Buffer.alloc(0), Buffer.alloc(7)] : [Buffer.alloc(0)]) {
      const torn = Buffer.concat([whole.subarray(0, length), tail]);
      fs.writeFileSync(fileOf(directory), torn);
      const told = toldIn(torn.toString());
      if (told.length === 0) {
        await assert.rejects(readRun(run), { code: "E_JOURNAL_DAMAGED" });
        assert.deepEqual(await listRuns(), []);
        continue;
      }
      const read = await readRun(run);
      assert.deepEqual(read.damage, []);
      const has = (type: string, host: string) =>
        told.some((line) => line.startsWith(`{"type":"${type}","host":"${host}"`));
      const last = told.findLast((line) => /^{"type":"(end|resumed)"/.test(line));
      assert.equal(read.state, last?.startsWith('{"type":"end"') ? "ended" : "interrupted");
      assert.equal(read.notes.length, told.some((line) => line.includes('"note"')) ? 1 : 0);
      assert.equal(read.hosts.size, told.length > 1 ? 2 : 0);
      assert.equal(read.hosts.get("a")?.ended.size ?? 0, has("progress", "a") ? 2 : 0);
      assert.equal(read.hosts.get("a")?.failures.length ?? 0, has("failed", "a") ? 1 : 0);
      assert.equal(read.hosts.get("b")?.state === "ok", has("finished", "b"));
    }
  }
});

test("after a tear it goes on, and all of both is read", async (t) => {
  const directory = ownState(t);
  const whole = await small(directory);
  const text = whole.toString();
  const middle = text.indexOf('"type":"finished"') + 40;
  for (const tail of ["", "\0\0\0\0", '{"type":"progr\0\0']) {
    fs.writeFileSync(fileOf(directory), `${text.slice(0, middle)}${tail}`, { mode: 0o600 });
    const journal = await Journal.resume(run);
    journal.listener(connecting("b"));
    journal.listener(finished("b"));
    await journal.end(0);
    const read = await readRun(run);
    assert.deepEqual(read.damage, []);
    const states = [...read.hosts.values()].map(({ state }) => state);
    assert.deepEqual(states, ["unfinished", "ok"]);
    assert.equal(read.hosts.get("a")?.ended.size, 2);
  }
});

test("a damaged line is told, and the rest is read", async (t) => {
  const directory = ownState(t);
  const lines = (await small(directory)).toString().split("\n");
  for (const damage of [
    "",
    "{",
    "null",
    '{"type":"note"}',
    "\xff\0",
    '{"type":"what"}',
    "[".repeat(9999),
  ]) {
    const all = [...lines.slice(0, 3), `x${damage}`, ...lines.slice(3)];
    fs.writeFileSync(fileOf(directory), all.join("\n"));
    const read = await readRun(run);
    assert.deepEqual(read.damage, ["line 4 is no record"]);
    assert.equal(read.hosts.get("b")?.state, "ok");
  }
  // The words of an item: those of before it went on are not taken for them.
  const items = [...lines.keys()].filter((i) => lines[i]?.startsWith('{"type":"item"'));
  assert.equal(items.length, 3);
  for (const item of items) {
    fs.writeFileSync(fileOf(directory), lines.filter((_, i) => i !== item).join("\n"));
    assert.match((await readRun(run)).damage.join(), /unknown items/);
  }
});

test("what was never a journal", async (t) => {
  const directory = ownState(t);
  const bytes = await small(directory);
  const [first = "", second = ""] = bytes.toString().split("\n");
  const tooLong = `${first}\n{"type":"note","text":"${"x".repeat(longestLine)}"}\n${second}\n`;
  fs.writeFileSync(fileOf(directory), tooLong);
  const read = await readRun(run);
  assert.deepEqual([read.damage, read.hosts.size], [["line 2 is no record"], 2]);
  for (const content of [
    "",
    "\0".repeat(9999),
    "what\n".repeat(300),
    first.replace('"v":1', '"v":2'),
  ]) {
    fs.writeFileSync(fileOf(directory), `${content}\n`);
    await assert.rejects(readRun(run), { code: "E_JOURNAL_DAMAGED" });
  }
  const proto = second.replace('"host":"a"', '"host":"__proto__"').replaceAll("ssh a", "__proto__");
  const odd = `${first.replace('"parallel"', '"__proto__"')}\n${proto}\n`;
  fs.writeFileSync(fileOf(directory), odd);
  assert.equal((await readRun(run)).hosts.get("__proto__")?.state, "notBegun");
  fs.rmSync(fileOf(directory));
  fs.mkdirSync(fileOf(directory));
  await assert.rejects(readRun(run), { code: "E_JOURNAL" });
});
