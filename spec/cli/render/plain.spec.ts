import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { noPaint } from "../../../cli/render/paint.js";
import { plainRenderer } from "../../../cli/render/plain.js";
import { CommandFailed } from "../../../engine/base/errors.js";
import { namesOf, Simulated } from "./simulated.js";

/** What is printed about hosts, while time passes as a spec says. */
function printed(t: TestContext, count: number, verbosity = 0) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const renderer = plainRenderer(write, namesOf(count), {
    verbosity,
    paint: noPaint,
    nameWidth: 14,
  });
  t.after(() => renderer.close());
  const hosts = namesOf(count).map((name) => new Simulated(name, renderer));
  return {
    hosts,
    passes(seconds: number) {
      now += seconds * 1000;
      t.mock.timers.tick(seconds * 1000);
    },
    /** What has been printed since it was last asked. */
    news() {
      const lines = text.split("\n").slice(0, -1);
      text = "";
      return lines;
    },
  };
}

describe("plain lines about many hosts", () => {
  test("tell of failures, and every half minute in one line of all", (t) => {
    const { hosts, passes, news } = printed(t, 300);
    for (const host of hosts.slice(0, 100)) host.deployed("a page", "changed");
    for (const host of hosts.slice(100, 150)) {
      host.connecting();
      host.connected();
      host.started("nginx installed");
      passes(0.5);
    }
    assert.deepEqual(news(), []);
    hosts[150]?.deployed("apache2 installed", new CommandFailed("exit code 1"));
    const failure = news();
    assert.match(failure[0] ?? "", /^web151\.example {2}failed {7}apache2 installed/);
    assert.match(failure[1] ?? "", /^E_COMMAND {2}web151\.example: exit code 1$/);
    passes(5);
    assert.deepEqual(news(), [
      "101 of 300 hosts done  1 failed  100 changed  50 at work  149 waiting  30 s  about 59 s left" +
        "  slowest: web101.example  for 30 s  nginx installed, web102.example  for 30 s  nginx installed," +
        " web103.example  for 29 s  nginx installed",
    ]);
    passes(30);
    assert.equal(news().length, 1);
  });

  test("with -v tell all that happens; when only failures are wanted, nothing else", (t) => {
    const loud = printed(t, 21, 1);
    loud.hosts[0]?.deployed("a page", "changed");
    assert.match(loud.news().join("\n"), /^web001\.example {2}changed {6}a page/m);
    t.mock.timers.reset();
    const quiet = printed(t, 21, -1);
    quiet.hosts[0]?.deployed("a page", "changed");
    quiet.passes(60);
    assert.deepEqual(quiet.news(), []);
  });
});

describe("plain lines about a few hosts", () => {
  test("tell what has changed, and of each when nothing has for half a minute", (t) => {
    const { hosts, passes, news } = printed(t, 20);
    for (const host of hosts.slice(0, 5)) host.connecting();
    hosts[5]?.deployed("a page", "changed");
    assert.match(news().join("\n"), /^web006\.example {2}changed {6}a page/);
    passes(20);
    assert.deepEqual(news(), []);
    passes(10);
    assert.deepEqual(
      news(),
      namesOf(5).map((name) => `${name}  for 30 s  connecting`),
    );
  });
});
