import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { liveRenderer } from "../../../cli/render/live.js";
import { noPaint } from "../../../cli/render/paint.js";
import { CommandFailed, FailedChange } from "../../../engine/base/errors.js";
import { Screen } from "./screen.js";
import { itemOf, namesOf, Simulated } from "./simulated.js";

const broken = () => new CommandFailed("apt-get ended with exit code 100\nand more", { hint: "?" });

interface Shape {
  readonly hosts: number;
  readonly columns?: number;
  readonly rows?: number;
  readonly verbosity?: number;
}

/** A live view of hosts, and a clock that stands still until it is told to go. */
function view(t: TestContext, { hosts: count, columns = 80, rows = 24, verbosity = 0 }: Shape) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const screen = new Screen(columns, rows);
  const options = { verbosity, paint: noPaint, nameWidth: 14 };
  const renderer = liveRenderer(screen, namesOf(count), options);
  t.after(() => renderer.close());
  const hosts = namesOf(count).map((name) => new Simulated(name, renderer));
  const host = (index: number) => hosts[index] as Simulated;
  const passes = (milliseconds: number) => {
    now += milliseconds;
    t.mock.timers.tick(100);
  };
  return { screen, renderer, hosts, host, passes };
}

/** The rows of the block: those below all that scrolls, which here begins with a host's name or blanks. */
function blockOf({ lines }: Screen): readonly string[] {
  const start = lines.findLastIndex((line) => /^[×▓█▒░]+$/u.test(line));
  return lines.slice(start, -1);
}

describe("a live view of many hosts", () => {
  test("has counters, the slowest at work and the latest failures, and is no taller than the terminal", (t) => {
    const { screen, hosts, passes } = view(t, { hosts: 200 });
    for (const host of hosts.slice(0, 40)) host.deployed("a page", "unchanged");
    for (const host of hosts.slice(40, 60)) host.deployed("a page", "changed");
    for (const host of hosts.slice(60, 67)) host.deployed("apache2 installed", broken());
    for (const host of hosts.slice(67, 70)) host.unreached();
    for (const host of hosts.slice(70, 100)) {
      host.connecting();
      passes(1000);
      host.connected();
      host.started("nginx installed");
    }
    for (const host of hosts.slice(100, 105)) host.connecting();
    passes(1000);
    const block = blockOf(screen);
    const text = block.join("\n");
    assert.equal(block[0]?.length, 79, "a bar over the whole width");
    assert.match(block[0] ?? "", /^×{4}▓{8}█{16}▒{14}░{37}$/);
    assert.match(text, /70 of 200 hosts done/);
    assert.match(text, /7 failed {2}3 unreachable {2}20 changed {2}40 ok {2}30 at work/);
    assert.match(text, /5 connecting {2}95 waiting {2}31 s {2}about 58 s left/);
    const slow = block.filter((line) => /nginx installed/.test(line));
    assert.deepEqual(
      slow.map((line) => line.replace(/ +/g, " ")),
      [31, 30, 29, 28, 27].map((age, i) => `web0${71 + i}.example ${age} s nginx installed`),
    );
    assert.match(
      block.at(-1) ?? "",
      /^web070\.example {2}E_UNREACHABLE {2}web070\.example cannot be/,
    );
    assert.match(
      block.at(-4) ?? "",
      /^web067\.example {2}E_COMMAND {2}apt-get ended with exit code 100$/,
    );
    assert.equal(block.length, 1 + 2 + 5 + 5);
  });

  test("scrolls what failed, and no more unless it is asked for", (t) => {
    const { screen, renderer, host } = view(t, { hosts: 200 });
    host(0).deployed("a page", "changed");
    host(1).deployed("apache2 installed", broken());
    host(2).retrying(2);
    renderer.close();
    const text = screen.lines.join("\n");
    assert.match(
      text,
      /^web002\.example {2}failed {7}apache2 installed {2}\(consfig\.ts:3\)\nE_COMMAND/m,
    );
    assert.doesNotMatch(text, /web001|web003/);
  });

  test("with -v it scrolls all that happens", (t) => {
    const { screen, renderer, host } = view(t, { hosts: 200, verbosity: 1 });
    host(0).deployed("a page", "changed");
    host(1).deployed("a page", "unchanged");
    host(2).retrying(2);
    renderer.close();
    const text = screen.lines.join("\n");
    assert.match(text, /^web001\.example {2}changed {6}a page/m);
    assert.match(text, /^web002\.example {2}unchanged {4}a page/m);
    assert.match(text, /^web003\.example {2}retrying {5}attempt 2 in 2\.0 s: E_UNREACHABLE/m);
  });

  test("is drawn once in a while however much happens", (t) => {
    const { screen, hosts, passes } = view(t, { hosts: 200, verbosity: 1 });
    passes(100);
    const before = screen.writes;
    for (const host of hosts) {
      host.connecting();
      host.connected();
      for (let i = 0; i < 20; i++) host.ended(host.started(`page ${i}`), "changed");
      host.finished();
    }
    assert.equal(screen.writes, before);
    passes(100);
    assert.equal(screen.writes, before + 1);
    assert.equal(screen.lines.filter((line) => / changed {6}/.test(line)).length, 200 * 20);
  });

  for (const [columns, rows] of [
    [40, 24],
    [80, 6],
    [80, 3],
    [20, 2],
    [300, 100],
  ] as const) {
    test(`fits into ${columns} columns and ${rows} rows`, (t) => {
      const { screen, hosts, passes } = view(t, { hosts: 200, columns, rows });
      for (const host of hosts.slice(0, 30)) host.deployed("apache2 installed", broken());
      passes(100);
      const told = screen.lines.length - blockOf(screen).length;
      for (const host of hosts.slice(30, 60)) {
        host.connecting();
        host.connected();
        host.started("something with a description that is longer than what there is room for");
      }
      for (let frame = 0; frame < 5; frame++) passes(60_000);
      const block = blockOf(screen);
      assert.ok(block.length < rows, `${block.length} rows`);
      assert.ok(block.every((line) => [...line].length <= columns));
      assert.equal(screen.lines.length - block.length, told, "nothing of a former block is left");
      if (rows > 5) assert.match(block.join("\n"), /E_COMMAND/);
      if (rows > 5) assert.match(block.join("\n"), /300 s|5 min/);
      assert.doesNotMatch(screen.lines.join(""), /\p{Cc}/u);
    });
  }

  test("a terminal that is resized meanwhile keeps all that was told, once", (t) => {
    const { screen, hosts, host, passes } = view(t, { hosts: 200, columns: 100, rows: 40 });
    for (const one of hosts.slice(0, 10)) one.deployed("apache2 installed", broken());
    for (const one of hosts.slice(10, 20)) one.connecting();
    for (const [columns, rows] of [
      [100, 40],
      [60, 40],
      [45, 30],
      [120, 50],
      [50, 50],
    ] as const) {
      screen.resize(columns, rows);
      passes(1000);
      assert.ok(blockOf(screen).length < rows);
      const bars = screen.lines.filter((line) => /^[×▓█▒░]+$/u.test(line));
      assert.deepEqual(
        bars.map((bar) => bar.length),
        [columns - 1],
      );
    }
    host(20).deployed("another", broken());
    passes(100);
    const failures = screen.lines.filter((line) => /^web\d+\.example {2}failed /.test(line));
    assert.equal(failures.length, 11);
  });

  test("a host that is tried again, or breaks after its end, is counted once", (t) => {
    const { screen, renderer, host, passes } = view(t, { hosts: 30 });
    host(0).connecting();
    host(0).retrying(2);
    host(0).connecting();
    host(1).unreached();
    host(1).retrying(2);
    host(2).deployed("a page", "changed");
    renderer.crashed(host(2).host, new FailedChange("its report was lost"));
    renderer.crashed(host(3).host, new FailedChange("not even begun"));
    passes(100);
    const block = blockOf(screen).join("\n");
    assert.match(block, /^2 of 30 hosts done {2}2 failed {2}2 connecting {2}26 waiting/m);
    assert.match(block, /web001.* connecting\nweb002.* to be connected to again$/m);
    host(1).deployed("a page", "unchanged");
    passes(100);
    assert.match(
      blockOf(screen).join("\n"),
      /^3 of 30 hosts done {2}2 failed {2}1 ok {2}1 connecting/m,
    );
    assert.match(screen.lines.join("\n"), /^E_FAILED {2}web003\.example: its report was lost$/m);
  });

  test("what is left is guessed only when it can be known", (t) => {
    const { screen, hosts, passes } = view(t, { hosts: 100 });
    const left = () => /about .* left/.exec(blockOf(screen).join("\n"))?.[0];
    for (const host of hosts.slice(0, 30)) host.connecting();
    passes(10_000);
    for (const host of hosts.slice(0, 20)) host.finished();
    for (const host of hosts.slice(30, 60)) host.connecting();
    passes(100);
    assert.equal(left(), undefined, "fewer have ended than are at work");
    for (const host of hosts.slice(20, 60)) host.finished();
    passes(1900);
    assert.equal(left(), "about 8.0 s left");
    for (const host of hosts.slice(60)) host.connecting();
    passes(100);
    assert.equal(left(), undefined, "none waits: it may hang on one");
  });

  test("nothing is kept of hosts that have ended", async (t) => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { renderer, hosts, passes } = view(t, { hosts: 60 });
    const kept: WeakRef<object>[] = [];
    for (const [index, host] of hosts.entries()) {
      const error = broken();
      const item = itemOf(`property ${index}`);
      kept.push(new WeakRef(error), new WeakRef(item));
      host.connecting();
      renderer.listener({ host: host.host, type: "started", item });
      const ending = { outcome: "failed", error } as const;
      renderer.listener({ host: host.host, type: "ended", item, ending, durationMs: index });
      if (index < 50) host.finished();
    }
    passes(100);
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    const alive = kept.map((one) => one.deref() !== undefined);
    assert.deepEqual(alive.slice(0, 100), Array(100).fill(false));
    assert.ok(alive.slice(100).includes(true), "of those at work it is");
  });
});

describe("a live view of a few hosts", () => {
  test("has a line for each that is at work, as far as there is room", (t) => {
    const { screen, hosts, host, passes } = view(t, { hosts: 20, rows: 10 });
    host(0).deployed("a page", "changed");
    for (const one of hosts.slice(1, 5)) one.connecting();
    passes(1500);
    assert.match(
      screen.lines.join("\n"),
      /^web001\.example {2}changed/m,
      "what has changed scrolls",
    );
    assert.equal(
      screen.lines.filter((line) => /1\.5 s {2}0 changed {2}connecting/.test(line)).length,
      4,
    );
    assert.match(screen.lines.at(-2) ?? "", /^1 of 20 hosts done, 15 waiting$/);
    for (const one of hosts.slice(5)) one.connecting();
    passes(100);
    assert.match(screen.lines.at(-2) ?? "", /^1 of 20 hosts done, 11 more at work$/);
    assert.equal(screen.lines.filter((line) => / connecting$/.test(line)).length, 8);
  });
});
