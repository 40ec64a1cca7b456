import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jsonRenderer } from "../../../cli/render/json.js";
import { noPaint } from "../../../cli/render/paint.js";
import { plainRenderer } from "../../../cli/render/plain.js";
import type { Renderer, Results } from "../../../cli/render/renderer.js";
import { Cancelled, CommandFailed, ConnectionLost } from "../../../engine/base/errors.js";
import type { Result } from "../../../engine/fleet/result.js";
import { namesOf, Simulated } from "./simulated.js";

const names = namesOf(500);
const broken = () => new CommandFailed("apt-get ended with exit code 100");

/** The end of what is printed when those hosts of the run ended so, and others were not begun. */
function summaryOf(
  count: number,
  ended: (host: (index: number) => Simulated) => readonly Result[],
  more: Partial<Results> = {},
  verbosity = 0,
): readonly string[] {
  let text = "";
  const write = (printed: string) => {
    text += printed;
  };
  const options = { verbosity, paint: noPaint, nameWidth: 14 };
  const renderer = plainRenderer(write, names.slice(0, count), options);
  const results = resultsOf(count, renderer, ended);
  text = "";
  renderer.end({ results, durationMs: 90_000, exitCode: 0, ...more });
  renderer.close();
  return text.split("\n").slice(0, -1);
}

function resultsOf(
  count: number,
  renderer: Renderer,
  ended: (host: (index: number) => Simulated) => readonly Result[],
): readonly Result[] {
  const results = ended((index) => new Simulated(names[index] as string, renderer));
  return names
    .slice(0, count)
    .map((host) => results.find((result) => result.host === host) ?? { host });
}

const times = <T>(from: number, to: number, make: (index: number) => T): T[] =>
  Array.from({ length: to - from }, (_, i) => make(from + i));

describe("the summary of many hosts", () => {
  test("has those that went wrong in groups, the slowest, the totals and how to go on", () => {
    const lines = summaryOf(
      400,
      (host) => [
        ...times(0, 200, (i) => host(i).deployed("a page", "unchanged", i)),
        ...times(200, 300, (i) => host(i).deployed("a page", "changed")),
        ...times(300, 339, (i) => host(i).deployed("apache2 installed", broken())),
        host(339).deployed("nginx installed", broken(), 65_000),
        ...times(340, 342, (i) => host(i).unreached()),
        ...times(342, 345, (i) => {
          host(i).connecting();
          return host(i).finished({ error: new Cancelled("cancelled") });
        }),
      ],
      { stopped: "more than 40 failed", run: "2026-11-21-7" },
    );
    assert.deepEqual(lines, [
      "",
      "failed       web301.example, web302.example and 37 more: E_COMMAND  apache2 installed  (consfig.ts:3)",
      "failed       web340.example: E_COMMAND  nginx installed  (consfig.ts:3)",
      "unreachable  web341.example and web342.example: E_UNREACHABLE  web341.example cannot be reached: nobody answers",
      "cancelled    web343.example, web344.example and web345.example",
      "not begun    web346.example, web347.example and 53 more",
      "slow         web340.example  65 s  65 s of it: nginx installed",
      "slow         web200.example  0.2 s  0.2 s of it: a page",
      "slow         web199.example  0.2 s  0.2 s of it: a page",
      "slow         web198.example  0.2 s  0.2 s of it: a page",
      "slow         web197.example  0.2 s  0.2 s of it: a page",
      "stopped: more than 40 failed",
      "properties  100 changed  200 unchanged  40 failed",
      "400 hosts  200 ok  100 changed  40 failed  2 unreachable  3 cancelled  55 not begun  90 s",
      "to go on: consfig resume 2026-11-21-7",
    ]);
  });

  test("lists no more than 50 lines of hosts, and counts the rest", () => {
    const lines = summaryOf(300, (host) =>
      times(0, 300, (i) => host(i).deployed(`page ${i}`, broken())),
    );
    assert.equal(lines.filter((line) => line.startsWith("failed ")).length, 50);
    assert.ok(lines.includes("and 250 more: consfig report"));
  });

  test("has only what went wrong, where only that is wanted", () => {
    const ended = (host: (index: number) => Simulated) => [
      ...times(0, 20, (i) => host(i).unreached()),
      ...times(20, 30, (i) => host(i).deployed("a page", "changed")),
    ];
    assert.deepEqual(summaryOf(30, ended, { run: "7" }, -1), [
      "unreachable  web001.example, web002.example and 18 more: E_UNREACHABLE  web001.example cannot be reached: nobody answers",
    ]);
  });

  test("has one line for a host with several failures", () => {
    const lines = summaryOf(30, (host) => {
      const one = host(0);
      one.connected();
      one.ended(one.started("one"), broken());
      one.ended(one.started("two"), broken());
      return [one.finished({ error: new ConnectionLost("lost") })];
    });
    const expected =
      "failed       web001.example: E_COMMAND  one  (consfig.ts:3), and 2 more failures";
    assert.equal(lines[1], expected);
  });

  test("when all is well, has no more than the slowest and the totals", () => {
    const lines = summaryOf(30, (host) => times(0, 30, (i) => host(i).deployed("a", "unchanged")), {
      run: "7",
    });
    assert.deepEqual(
      lines.filter((line) => !line.startsWith("slow ")),
      ["", "properties  0 changed  30 unchanged", "30 hosts  30 ok  90 s"],
    );
  });
});

describe("any summary", () => {
  test("of a few hosts says why others were not begun and how to go on", () => {
    const run = { run: "7", stopped: "a canary failed" };
    const failed = (host: (index: number) => Simulated) => [host(0).deployed("page", broken())];
    const lines = summaryOf(2, failed, run);
    assert.deepEqual(lines.slice(3), [
      "web002.example  not begun",
      "stopped: a canary failed",
      "0 of 2 hosts ok  0 changed  1 failed  90 s",
      "to go on: consfig resume 7",
    ]);
    assert.equal(summaryOf(1, failed, run).at(-1), "to go on: consfig deploy --only failed@last");
    const fine = (host: (index: number) => Simulated) => [host(0).deployed("page", "changed")];
    assert.doesNotMatch(summaryOf(1, fine, run).join("\n"), /to go on/);
    assert.doesNotMatch(summaryOf(1, failed).join("\n"), /to go on/, "a run that nobody remembers");
  });

  for (const [count, verbosity] of [
    [2, 0],
    [2, -1],
    [200, 0],
    [200, -1],
  ] as const) {
    test(`of ${count} hosts has the processes that were left running (verbosity ${verbosity})`, () => {
      const command = "sh -c 'sleep \u001b[2J'";
      const left = Array.from({ length: 60 }, (_, i) => ({ pid: 700 + i, command }));
      const lines = summaryOf(
        count,
        (host) => {
          host(0).connecting();
          return [host(0).finished({ error: new Cancelled("cancelled"), leftRunning: left })];
        },
        {},
        verbosity,
      );
      const told = lines.filter((line) => line.startsWith("still running on web001.example: pid "));
      assert.equal(told[0], "still running on web001.example: pid 700  sh -c 'sleep \\x1b[2J'");
      assert.equal(told.length, 50);
      assert.ok(lines.includes("and 10 more processes"));
    });
  }

  test("for programs has the run, why it stopped, and what was left running", () => {
    const lines: string[] = [];
    const renderer = jsonRenderer((line) => lines.push(line), 0);
    const leftRunning = [{ pid: 7, command: "sleep 9" }];
    const results = resultsOf(2, renderer, (host) => [host(0).finished({ leftRunning })]);
    const common = { results, durationMs: 1, exitCode: 3 };
    renderer.end({ ...common, stopped: "interrupted", run: "7" });
    renderer.end(common);
    const [told, untold] = lines.slice(-2).map((line) => JSON.parse(line));
    assert.deepEqual([told.type, told.stopped, told.run], ["summary", "interrupted", "7"]);
    assert.deepEqual(told.hosts[0].leftRunning, leftRunning);
    assert.equal("run" in untold || "stopped" in untold, false);
  });
});
