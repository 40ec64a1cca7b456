/** `consfig runs` and `consfig report`, of journals that are there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { CommandFailed } from "../../engine/index.js";
import { Journal } from "../../engine/journal/journal.js";
import {
  connecting,
  ended,
  finished,
  headerOf,
  itemOf,
  ownState,
} from "../engine/journal/fixture.js";
import { Scratch } from "./command.js";

/** Two runs of the consfig in the directory, and one of another. */
async function withRuns(t: { after(end: () => void): void }) {
  const scratch = new Scratch(t);
  const XDG_STATE_HOME = ownState(t);
  const consfig = scratch.write("consfig.ts", "");
  const first = await Journal.begin({ ...headerOf("a"), consfig });
  await first.end(0);
  const other = await Journal.begin({ ...headerOf("other"), consfig: "/elsewhere/consfig.ts" });
  await other.end(0);
  const second = await Journal.begin({ ...headerOf("a", "b\u001b[31m", "c"), consfig });
  for (const host of ["a", "b\u001b[31m"]) second.listener(connecting(host));
  second.listener(ended("a", itemOf("0.0")));
  second.listener(finished("a"));
  second.listener(ended("b\u001b[31m", itemOf("0.0"), new CommandFailed("no\u001b[2J")));
  second.listener(finished("b\u001b[31m", { changed: false }));
  await second.end(3, "too many failures");
  const consfigRuns = (...words: readonly string[]) =>
    scratch.start(words, { XDG_STATE_HOME }).ended;
  return { scratch, first, other, second, run: consfigRuns };
}

test("runs are listed, the newest first", async (t) => {
  const { first, other, second, run } = await withRuns(t);
  const { code, stdout, stderr } = await run("runs");
  assert.deepEqual([code, stderr], [0, ""]);
  const [head, ...lines] = stdout.trimEnd().split("\n");
  assert.match(head ?? "", /^RUN +BEGAN +TOOK +STATE +HOSTS +COMMAND$/);
  assert.deepEqual(
    lines.map((line) => line.split(" ")[0]),
    [second.run, other.run, first.run],
  );
  assert.match(
    lines[0] ?? "",
    /just now +0\.\d s +ended, exit code 3 +1 failed, 1 not begun, 1 changed +deploy a b/,
  );
  assert.ok(!stdout.includes("\u001b"));
  const ofOne = await run("runs", "--json", "-c", "consfig.ts");
  const told = ofOne.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map((one) => one.run),
    [second.run, first.run],
  );
  assert.deepEqual([told[0].v, told[0].type, told[0].state], [1, "run", "ended"]);
  assert.deepEqual(told[0].hosts, { failed: 1, notBegun: 1, changed: 1 });
});

test("a report in a few lines", async (t) => {
  const { first, second, run } = await withRuns(t);
  const last = await run("report");
  assert.equal(last.code, 0, last.stderr);
  assert.match(last.stdout, new RegExp(`^run ${second.run}  ended, exit code 3\n`));
  assert.match(last.stdout, /stopped +too many failures/);
  assert.match(
    last.stdout,
    /E_COMMAND {2}file\.hasContent {2}1 host\n {4}no\\x1b\[2J\n {4}b\\x1b\[31m\n/,
  );
  assert.ok(!last.stdout.includes("\u001b"));
  assert.match((await run("report", first.run)).stdout, new RegExp(`^run ${first.run}  ended\n`));
  const unknown = await run("report", "20200101-000000-000");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /E_UNKNOWN_RUN[\s\S]*consfig runs lists/);
});

test("reports in files", async (t) => {
  const { scratch, second, run } = await withRuns(t);
  const made = await run("report", "--html", "r.html", "--junit", "r.xml", "--json", "-");
  assert.deepEqual([made.code, made.stderr], [0, ""]);
  const told = JSON.parse(made.stdout);
  assert.deepEqual([told.v, told.type, told.id, told.state], [1, "run", second.run, "ended"]);
  const [a] = told.hosts;
  assert.deepEqual(
    [a.host, a.state, a.plan, a.ended[0].path, a.ended[0].outcome],
    ["a", "ok", "plan a", "0.0", "changed"],
  );
  assert.match(
    fs.readFileSync(scratch.path("r.html"), "utf8"),
    /^<!DOCTYPE html>[\s\S]*<\/html>\n$/,
  );
  assert.match(fs.readFileSync(scratch.path("r.xml"), "utf8"), /^<\?xml [\s\S]*<\/testsuites>\n$/);
  assert.equal(fs.statSync(scratch.path("r.html")).mode & 0o777, 0o644 & ~process.umask());
  const left = fs.readdirSync(scratch.directory).filter((name) => name.startsWith("r."));
  assert.deepEqual(left.sort(), ["r.html", "r.xml"]);
});

test("a link is followed, a pipe is written to, and what cannot be written is told", async (t) => {
  const { scratch, run } = await withRuns(t);
  scratch.write("real.html", "old");
  fs.symlinkSync("real.html", scratch.path("link.html"));
  assert.equal((await run("report", "--html", "link.html")).code, 0);
  assert.ok(fs.lstatSync(scratch.path("link.html")).isSymbolicLink());
  assert.match(fs.readFileSync(scratch.path("real.html"), "utf8"), /^<!DOCTYPE/);
  const pipe = scratch.path("pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  const reader = scratch.spawn(["cat", pipe]).ended;
  assert.equal((await run("report", "--html", "pipe")).code, 0);
  assert.ok(fs.lstatSync(pipe).isFIFO());
  assert.match((await reader).stdout, /^<!DOCTYPE/);
  const nowhere = await run("report", "--html", path.join("no", "where.html"));
  assert.deepEqual([nowhere.code, nowhere.stderr.includes("cannot be written")], [1, true]);
  const twice = await run("report", "--html", "-", "--json", "-");
  assert.deepEqual([twice.code, twice.stdout], [1, ""]);
});

test("without any journal", async (t) => {
  const scratch = new Scratch(t);
  assert.match((await scratch.consfig("runs")).stdout, /^RUN/);
  const { code, stderr } = await scratch.consfig("report");
  assert.equal(code, 1);
  assert.match(stderr, /E_UNKNOWN_RUN/);
});
