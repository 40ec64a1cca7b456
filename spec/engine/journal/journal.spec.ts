import assert from "node:assert/strict";
import { test } from "node:test";
import { local } from "../../../connections/local/index.js";
import {
  Cancelled,
  CommandFailed,
  ConnectionLost,
  deploysThese,
  HostUnreachable,
  host,
} from "../../../engine/index.js";
import { Journal } from "../../../engine/journal/journal.js";
import { listRuns, readRun } from "../../../engine/journal/read.js";
import { earlierOf } from "../../../engine/journal/run.js";
import { step, steps } from "../../helpers/steps.js";
import {
  began,
  begin,
  connecting,
  ended,
  finished,
  headerOf,
  itemOf,
  ownState,
} from "./fixture.js";

test("a run is read as it was told", async (t) => {
  ownState(t);
  const journal = await begin("good", "bad", "away", "stopped", "late", "broken");
  const tell = journal.listener;
  tell(connecting("good"));
  tell(began("good", itemOf("0.0")));
  tell(ended("good", itemOf("0.0.0"), "unchanged"));
  tell(ended("good", itemOf("0.0")));
  tell(finished("good"));
  const error = new CommandFailed("false failed", { exitCode: 1, hint: "try true", odd: () => 1 });
  tell(connecting("bad"));
  tell(ended("bad", itemOf("0.0.0"), error));
  tell(ended("bad", itemOf("0.0"), error));
  tell(ended("bad", itemOf("0.1"), "left"));
  tell(finished("bad", { counts: { changed: 0, unchanged: 0, failed: 1, notReached: 1 } }));
  tell(connecting("away"));
  const { traffic, ...unconnected } = (
    finished("away", { counts: { changed: 0, unchanged: 0, failed: 0, notReached: 1 } }) as {
      report: object;
    }
  ).report as Record<string, unknown>;
  void traffic;
  tell({
    host: "away",
    type: "finished",
    report: { ...unconnected, error: new HostUnreachable("no") } as never,
  });
  tell(connecting("stopped"));
  tell(finished("stopped", { error: new Cancelled("cancelled") }));
  journal.crashed("broken", new RangeError("oops"));
  journal.note("stopping");
  await journal.end(3, "too many failures");

  const run = await readRun("last");
  assert.equal(run.id, journal.run);
  assert.deepEqual(
    { ...headerOf(), hosts: [...run.hosts].map(([name, { state }]) => `${name} ${state}`) },
    {
      ...headerOf(),
      hosts: [
        "good ok",
        "bad failed",
        "away unreachable",
        "stopped cancelled",
        "late notBegun",
        "broken failed",
      ],
    },
  );
  assert.equal(run.state, "ended");
  assert.equal(run.exitCode, 3);
  assert.equal(run.stopped, "too many failures");
  assert.deepEqual([run.notes, run.damage], [["stopping"], []]);
  const good = run.hosts.get("good");
  assert.deepEqual(
    [...(good?.ended ?? [])],
    [
      [
        "0.0.0",
        {
          id: "file.hasContent",
          desc: "item 0.0.0",
          outcome: "unchanged",
          depth: 1,
          durationMs: 13,
        },
      ],
      [
        "0.0",
        { id: "file.hasContent", desc: "item 0.0", outcome: "changed", depth: 0, durationMs: 13 },
      ],
    ],
  );
  assert.equal(good?.durationMs, 1235);
  assert.equal(good?.plan, "plan good");
  const bad = run.hosts.get("bad");
  assert.deepEqual(bad?.failures, [
    {
      path: "0.0.0",
      item: { id: "file.hasContent", desc: "item 0.0.0" },
      error: {
        codes: ["E_COMMAND", "E_FAILED", "E_CONSFIG"],
        message: "false failed",
        facts: { exitCode: 1, hint: "try true" },
      },
    },
  ]);
  assert.deepEqual(
    [...(bad?.ended.values() ?? [])].map(({ outcome }) => outcome),
    ["failed", "failed", "notReached"],
  );
  assert.deepEqual(run.hosts.get("broken")?.error, {
    codes: ["E_INTERNAL"],
    message: "RangeError: oops",
    facts: {},
  });
  const [outline] = await listRuns();
  assert.deepEqual(
    [...(outline?.hosts.values() ?? [])].map(({ state }) => state),
    [...run.hosts.values()].map(({ state }) => state),
  );
});

test("what was interrupted is read as that, and does not count as done", async (t) => {
  ownState(t);
  const journal = await begin("cut");
  journal.listener(connecting("cut"));
  journal.listener(ended("cut", itemOf("0.0"), "interrupted"));
  const counts = { changed: 0, unchanged: 0, failed: 0, interrupted: 1, notReached: 0 };
  journal.listener(finished("cut", { counts, error: new Cancelled("cancelled") }));
  await journal.end(130);
  const host = (await readRun(journal.run)).hosts.get("cut");
  assert.deepEqual(host?.counts, counts);
  assert.equal(host?.ended.get("0.0")?.outcome, "interrupted");
  assert.deepEqual(host && earlierOf(host), { ended: {}, interrupted: true });
});

test("what a host has of an earlier run", async (t) => {
  ownState(t);
  const journal = await begin("done", "lost", "never", "under way");
  for (const name of ["done", "lost", "under way"]) {
    journal.listener(connecting(name));
    journal.listener(ended(name, itemOf("0.0")));
    journal.listener(ended(name, itemOf("0.1"), "unchanged"));
    journal.listener(ended(name, itemOf("0.2"), new CommandFailed("no")));
    journal.listener(ended(name, itemOf("0.3", { unapplied: true })));
  }
  journal.listener(finished("done"));
  journal.listener(finished("lost", { error: new ConnectionLost("gone") }));
  await journal.end(3);
  const { hosts } = await readRun(journal.run);
  const earlier = [...hosts.values()].map(earlierOf);
  const ok = { "0.0": "changed", "0.1": "unchanged", "0.3-": "changed" };
  assert.deepEqual(earlier, [
    { ended: ok, interrupted: false },
    { ended: ok, interrupted: true },
    { ended: {}, interrupted: false },
    { ended: ok, interrupted: true },
  ]);
});

test("items of a host that is deployed from another have its place before theirs", async (t) => {
  ownState(t);
  const inner = host("inner.example");
  const { events } = await steps(
    step("first", "unchanged"),
    deploysThese([local()], inner, step("a"), step("b"), step("c", "fails")),
    step("last"),
  );
  const journal = await begin("steps.example");
  for (const event of events) journal.listener(event);
  await journal.end(3);
  const found = (await readRun(journal.run)).hosts.get("steps.example");
  const lines = [...(found?.ended ?? [])].map(
    ([path, { desc, outcome }]) => `${path} ${desc} ${outcome}`,
  );
  assert.deepEqual(
    lines.filter((line) => !line.includes("deployed over")),
    [
      "0.0 first unchanged",
      "0.1/0.0 a changed",
      "0.1/0.1 b changed",
      "0.1/0.2 c failed",
      "0.2 last notReached",
    ],
  );
  assert.deepEqual(found && earlierOf(found).ended, {
    "0.0": "unchanged",
    "0.1/0.0": "changed",
    "0.1/0.1": "changed",
  });
});

test("a run that goes on: the last time counts, and what has ended is kept", async (t) => {
  ownState(t);
  const first = await begin("a", "b");
  first.listener(connecting("a"));
  first.listener(ended("a", itemOf("0.0")));
  first.listener(ended("a", itemOf("0.1"), new CommandFailed("no")));
  first.listener(finished("a", { error: new ConnectionLost("gone") }));
  await first.end(3);
  const second = await Journal.resume(first.run);
  assert.equal((await readRun(first.run)).state, "running");
  second.listener(connecting("a"));
  second.listener(ended("a", itemOf("0.1", { desc: "another" })));
  second.listener(ended("a", itemOf("0.0"), "left"));
  second.listener(finished("a"));
  await second.end(0);
  const run = await readRun("last");
  const a = run.hosts.get("a");
  assert.deepEqual([run.state, run.exitCode, run.damage], ["ended", 0, []]);
  assert.deepEqual([a?.state, a?.attempts, a?.failures], ["ok", 2, []]);
  assert.deepEqual(
    [...(a?.ended.values() ?? [])].map(({ desc, outcome }) => `${desc} ${outcome}`),
    ["item 0.0 changed", "another changed"],
  );
});

test("a run that goes on with another plan", async (t) => {
  ownState(t);
  const first = await begin("a", "b");
  for (const name of ["a", "b"]) {
    first.listener(connecting(name));
    first.listener(ended(name, itemOf("0.0")));
  }
  await first.end(130);
  const [a, b] = headerOf("a", "b").hosts;
  assert.ok(a && b);
  const second = await Journal.resume(first.run, [
    a,
    { ...b, plan: "another" },
    { ...b, host: "c" },
  ]);
  await second.end(0);
  const { hosts } = await readRun("last");
  const told = [...hosts.values()].map((one) => [one.host, one.plan, one.ended.size, one.state]);
  assert.deepEqual(told, [
    ["a", "plan a", 1, "unfinished"],
    ["b", "another", 0, "unfinished"],
    ["c", "plan b", 0, "notBegun"],
  ]);
});

test("nothing is told any more once a run has ended", async (t) => {
  ownState(t);
  const journal = await begin("a");
  await journal.end(0);
  journal.listener(connecting("a"));
  journal.note("late");
  assert.equal((await readRun("last")).hosts.get("a")?.state, "notBegun");
});

test("the newest run is that of the consfig that is meant", async (t) => {
  ownState(t);
  const journal = await begin("a");
  await journal.end(0);
  const other = await Journal.begin({ ...headerOf("a"), consfig: "/other.ts" });
  await other.end(0);
  assert.equal((await readRun("last")).id, other.run);
  assert.equal((await readRun("last", { consfig: headerOf().consfig })).id, journal.run);
  await assert.rejects(readRun("last", { consfig: "/none.ts" }), { code: "E_UNKNOWN_RUN" });
  await assert.rejects(readRun("../../x"), { code: "E_UNKNOWN_RUN" });
  await assert.rejects(readRun("20261121-193300-k3f"), { code: "E_UNKNOWN_RUN" });
});

test("10,000 hosts with 60 items each", async (t) => {
  const directory = ownState(t);
  const names = Array.from({ length: 10_000 }, (_, i) => `host${i}.example.com`);
  const items = Array.from({ length: 60 }, (_, i) => itemOf(`0.${i}`));
  const journal = await begin(...names);
  for (const name of names) {
    journal.listener(connecting(name));
    for (const item of items) journal.listener(ended(name, item, "unchanged"));
    journal.listener(finished(name));
    if (name.endsWith("00.example.com")) await journal.sync();
  }
  await journal.end(0);
  const { statSync } = await import("node:fs");
  const { size } = statSync(`${directory}/consfigurator/runs/${journal.run}.ndjson`);
  assert.ok(size / names.length < 2500, `${size / names.length} bytes a host`);
  const run = await readRun("last");
  assert.deepEqual(run.damage, []);
  assert.ok(
    [...run.hosts.values()].every(({ ended, state }) => ended.size === 60 && state === "ok"),
  );
});
