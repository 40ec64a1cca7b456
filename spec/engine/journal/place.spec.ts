/** Where journals are kept, by whom they are written, and which are kept. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Journal } from "../../../engine/journal/journal.js";
import { isAlive, thisProcess } from "../../../engine/journal/process.js";
import { listRuns, readRun } from "../../../engine/journal/read.js";
import { newRunId } from "../../../engine/journal/runId.js";
import { begin, connecting, ended, finished, itemOf, kept, ownState } from "./fixture.js";

const needsUid0 = { skip: process.getuid?.() !== 0 && "not uid 0" };

test("nobody else reads or writes them", async (t) => {
  const directory = ownState(t);
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const journal = await begin("a");
  await journal.end(0);
  const modeOf = (...parts: string[]) => fs.statSync(path.join(directory, ...parts)).mode & 0o777;
  assert.equal(modeOf("consfigurator", "runs"), 0o700);
  assert.equal(modeOf("consfigurator", "runs", `${journal.run}.ndjson`), 0o600);
});

test("a directory that another account could write, or has linked, is not used", async (t) => {
  const directory = ownState(t);
  const refused = { code: "E_JOURNAL", hint: /XDG_STATE_HOME/ };
  const shared = path.join(directory, "consfigurator");
  fs.mkdirSync(shared);
  fs.chmodSync(shared, 0o777);
  await assert.rejects(begin("a"), refused);
  assert.deepEqual(fs.readdirSync(shared), []);
  fs.rmdirSync(shared);
  fs.mkdirSync(path.join(directory, "elsewhere"));
  fs.symlinkSync("elsewhere", shared);
  await assert.rejects(begin("a"), refused);
  assert.deepEqual(fs.readdirSync(path.join(directory, "elsewhere")), []);
  fs.rmSync(shared);
  fs.writeFileSync(shared, "");
  await assert.rejects(begin("a"), refused);
});

test("a directory of another account is not used", needsUid0, async (t) => {
  const directory = ownState(t);
  fs.chownSync(directory, 1000, 1000);
  await assert.rejects(begin("a"), { code: "E_JOURNAL" });
});

test("a link or a pipe in the place of a journal is not followed", async (t) => {
  const directory = ownState(t);
  const journal = await begin("a");
  await journal.end(0);
  const file = path.join(directory, "consfigurator", "runs", `${journal.run}.ndjson`);
  fs.renameSync(file, `${file}.real`);
  fs.symlinkSync(`${file}.real`, file);
  await assert.rejects(readRun(journal.run), { code: "E_JOURNAL" });
  await assert.rejects(Journal.resume(journal.run), { code: "E_JOURNAL" });
  fs.rmSync(file);
  assert.equal(spawnSync("mkfifo", [file]).status, 0);
  await assert.rejects(readRun(journal.run), { code: "E_JOURNAL" });
});

test("one that others can write is not believed", async (t) => {
  const directory = ownState(t);
  const journal = await begin("a");
  await journal.end(0);
  const file = path.join(directory, "consfigurator", "runs", `${journal.run}.ndjson`);
  for (const mode of [0o620, 0o602]) {
    fs.chmodSync(file, mode);
    await assert.rejects(readRun(journal.run), { code: "E_JOURNAL" });
    await assert.rejects(Journal.resume(journal.run), { code: "E_JOURNAL" });
  }
});

test("a disk that is full", needsUid0, async (t) => {
  const directory = ownState(t);
  const mount = ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", directory];
  assert.equal(spawnSync("mount", mount).status, 0);
  try {
    await fillAndGoOn(directory);
  } finally {
    assert.equal(spawnSync("umount", [directory]).status, 0);
  }
});

async function fillAndGoOn(directory: string): Promise<void> {
  const journal = await begin("a", "b");
  journal.listener(connecting("a"));
  journal.listener(ended("a", itemOf("0.0")));
  await journal.sync();
  const filler = path.join(directory, "filler");
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"]);
  for (let i = 0; i < 400; i++) journal.listener(ended("a", itemOf(`0.${i}`)));
  const failure = await journal.failure;
  assert.equal(failure.code, "E_JOURNAL");
  assert.match(failure.message, /ENOSPC/);
  assert.match(failure.hint ?? "", /room/);
  journal.listener(finished("a"));
  await assert.rejects(journal.end(0), failure);
  await assert.rejects(begin("a"), { code: "E_JOURNAL", hint: /room/ });
  assert.deepEqual(kept(directory), [`${journal.run}.ndjson`]);
  fs.rmSync(filler);
  // As if the process had ended: what had been told before is there, and it can go on.
  const file = path.join(directory, "consfigurator", "runs", `${journal.run}.ndjson`);
  const text = fs.readFileSync(file, "utf8");
  assert.ok(!text.endsWith("\n"));
  fs.writeFileSync(file, text.replace(`"pid":${process.pid}`, '"pid":4194304'));
  const again = await Journal.resume(journal.run);
  again.listener(connecting("b"));
  again.listener(finished("b"));
  await again.end(0);
  const read = await readRun("last");
  assert.deepEqual(read.damage, []);
  assert.equal(read.hosts.get("a")?.ended.size, 1);
  assert.equal(read.hosts.get("b")?.state, "ok");
}

test("several that begin at once have journals of their own", async (t) => {
  const directory = ownState(t);
  const journals = await Promise.all(Array.from({ length: 40 }, (_, i) => begin(`host${i}`)));
  await Promise.all(journals.map((journal) => journal.end(0)));
  assert.equal(kept(directory).length, 40);
  const hosts = (await listRuns()).flatMap((run) => [...run.hosts.keys()]);
  assert.equal(new Set(hosts).size, 40);
});

test("of several that want to resume a run one does", async (t) => {
  ownState(t);
  const journal = await begin("a");
  await journal.end(3);
  const wishes = Array.from({ length: 20 }, () => Journal.resume(journal.run));
  const settled = await Promise.allSettled(wishes);
  const won = settled.flatMap((wish) => (wish.status === "fulfilled" ? [wish.value] : []));
  const lost = settled.flatMap((wish) => (wish.status === "rejected" ? [wish.reason] : []));
  assert.equal(won.length, 1);
  assert.ok(lost.every(({ code }) => code === "E_RUN_GOES_ON"));
  await won[0]?.end(0);
  const again = await Journal.resume(journal.run);
  await again.end(0);
  assert.deepEqual((await readRun(journal.run)).damage, []);
});

test("a run goes on as long as its process does", async (t) => {
  ownState(t);
  const fixture = new URL("./fixture.js", import.meta.url).href;
  const program = `
    const { begin } = await import(${JSON.stringify(fixture)});
    const journal = await begin("a");
    console.log(journal.run);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
  const [run] = (await once(child.stdout, "data")).map((bytes) => String(bytes).trim());
  assert.equal((await readRun(run ?? "")).state, "running");
  await assert.rejects(Journal.resume(run ?? ""), { code: "E_RUN_GOES_ON" });
  child.kill("SIGKILL");
  await once(child, "close");
  assert.equal((await readRun(run ?? "")).state, "interrupted");
  const journal = await Journal.resume(run ?? "");
  await journal.end(0);
  assert.equal((await readRun(run ?? "")).state, "ended");
});

test("a process number that has been given to another is not the one of then", () => {
  const own = thisProcess();
  assert.ok(isAlive(own));
  assert.ok(!isAlive({ ...own, start: `${Number(own.start) - 1}` }));
  assert.ok(!isAlive({ ...own, boot: "another start of the machine" }));
  assert.ok(!isAlive({ ...own, pid: 4194304 }));
  // Where the system does not tell more than the number.
  assert.ok(isAlive({ ...own, start: "" }));
});

test("the newest are kept, and those of runs that go on", async (t) => {
  const directory = ownState(t);
  const old = await begin("old");
  const runs = path.join(directory, "consfigurator", "runs");
  const dead = await begin("dead");
  await dead.end(0);
  const names = [old.run, dead.run].map((run) => `${run}.ndjson`);
  const [living = "", ended = ""] = ["20200101-000000-000.ndjson", "20200101-000000-001.ndjson"];
  fs.renameSync(path.join(runs, names[0] ?? ""), path.join(runs, living));
  for (let i = 1; i <= 250; i++) {
    const name = `20200101-000000-${i.toString().padStart(3, "0")}.ndjson`;
    fs.copyFileSync(path.join(runs, names[1] ?? ""), path.join(runs, name));
  }
  fs.writeFileSync(path.join(runs, "20200101-000000-zzz.ndjson"), "what\n");
  fs.writeFileSync(path.join(runs, "notes"), "");
  const journal = await begin("new");
  await journal.end(0);
  const left = kept(directory);
  assert.equal(left.length, 200 + 2);
  assert.ok(
    left.includes(living) && left.includes("notes") && left.includes(`${journal.run}.ndjson`),
  );
  assert.ok(!left.includes(ended));
  await old.end(0);
});

test("names of runs sort by time", () => {
  const times = [0, 1, 31, 32, 999, 1000, 60_000].map(
    (ms) => new Date(Date.UTC(2026, 10, 21) + ms),
  );
  const ids = times.map((time) => newRunId(time));
  assert.deepEqual(ids.toSorted(), ids);
  assert.match(ids[0] ?? "", /^20261121-000000-00.$/);
  const atOnce = Array.from({ length: 100 }, () => newRunId());
  assert.deepEqual(atOnce.toSorted(), atOnce);
});
