/** Two deployments of one host at once: the second finds it locked, whatever the way there is. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { as } from "../../../connections/as/index.js";
import { chroot } from "../../../connections/chroot/index.js";
import { node } from "../../../connections/node/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import {
  Cancelled,
  type Chain,
  type DeploymentOptions,
  type Host,
  isError,
  LockHeld,
} from "../../../engine/index.js";
import { until } from "../../helpers/processes.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { busyboxTree, removeTree } from "../helpers/trees.js";
import { Place, type Told, told } from "./place.js";

const consfig = `
import { z } from "zod";
import { concurrently, deploys, host, nodeProperty, posixProperty } from "consfigurator";
import { as } from "consfigurator/connections/as";
import "consfigurator/connections/chroot";
import { writeFileSync } from "node:fs";
const args = z.tuple([]);
const holds = posixProperty<[]>("lock.holds", {
  args,
  apply: async (on) => {
    await on.run(["sh", "-c", "setsid sleep 400 >/dev/null 2>&1 & :"]);
    on.inform("runs");
    await on.run(["sleep", "300"]);
    return "changed";
  },
});
const written = posixProperty<[]>("lock.written", {
  args,
  check: (on) => on.exists("/tmp/written"),
  apply: async (on) => {
    await on.writeFile("/tmp/written", "");
    return "changed";
  },
});
const ran = posixProperty<[]>("lock.ran", {
  args,
  apply: async (on) => {
    await on.run(["touch", "/tmp/written"]);
    return "changed";
  },
});
const byItself = nodeProperty<[]>("lock.byItself", {
  args,
  apply: async () => {
    writeFileSync("/tmp/written", "");
    return "changed";
  },
});
const seen = posixProperty<[number: number]>("lock.seen", {
  args: z.tuple([z.number()]),
  check: async (on, number) => (await on.query(["echo", String(number)])).lines[0] === String(number),
  apply: async () => "changed",
});
const there = posixProperty<[]>("lock.there", {
  args: z.tuple([]),
  check: (on) => on.exists("/tmp/written"),
  apply: async () => "changed",
});
export const finding = host("one.example.com", there());
export const holding = host("one.example.com", holds());
export const writing = host("one.example.com", written(), ran());
export const another = host("another.example.com", written());
export const atOnce = host("one.example.com", concurrently(ran(), written()));
export const inside = host("one.example.com", deploys([as("alice")], host("inside.example.com", ran())));
export const process = host("one.example.com", byItself());
export const looking = host("one.example.com", ...[1, 2, 3, 4, 5].map((number) => seen(number)));
`;

const lockedBy = (holder: string, waitMs = 0): DeploymentOptions => ({ lock: { holder, waitMs } });

describe("a host that is being deployed", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    hosts = await place.load(consfig);
    for (const [, chain] of chains) await told(chain(), hosts.looking);
  });
  after(() => place?.close());

  const byShell: [name: string, chain: () => Chain][] = [
    ["ssh", () => [place.ssh()]],
    ["ssh → sudo", () => [place.ssh("admin"), sudo()]],
    ["ssh as nobody special", () => [place.ssh("alice")]],
  ];
  const chains: [name: string, chain: () => Chain][] = [
    ...byShell,
    ["ssh → node", () => [place.ssh(), node()]],
    ["ssh → sudo → node", () => [place.ssh("admin"), sudo(), node()]],
    ["ssh → node → as", () => [place.ssh(), node(), as("alice")]],
  ];
  const shell = async (command: string) => (await place.bed.host(0).shell(command)).stdout.trim();
  const isWritten = () => existsSync(path.join(place.bed.host(0).root, "tmp/written"));

  afterEach(async () => {
    await shell("pkill -KILL -f '[s]leep [34]00'; rm -f /tmp/written");
  });

  /** A deployment that holds the lock and waits, and the way to end it. */
  async function held(chain: Chain, holder: string) {
    const controller = new AbortController();
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const over = told(chain, hosts.holding, {
      ...lockedBy(holder),
      signal: controller.signal,
      listener: (event) => {
        if (event.type === "inform" && event.text === "runs") begin();
      },
    });
    await Promise.race([begun, over]);
    return {
      over,
      async end(): Promise<Told> {
        controller.abort();
        return over;
      },
    };
  }

  function assertRefused({ report, events }: Told, holder: string): void {
    const { error, counts, changed } = report;
    assert.ok(isError(error, LockHeld), String(error));
    assert.deepEqual([error.facts.host, error.facts.holder], ["one.example.com", holder]);
    assert.ok(Math.abs(Date.parse(String(error.facts.since)) - Date.now()) < 60_000);
    assert.deepEqual([changed, counts.changed, counts.unchanged, counts.failed], [false, 0, 0, 0]);
    const reasons = events.flatMap((event) =>
      event.type === "ended" && event.ending.outcome === "notReached" ? [event.ending.reason] : [],
    );
    assert.ok(reasons.length > 0);
    assert.deepEqual(
      reasons.filter((reason) => reason !== "somebody else is deploying the host"),
      [],
    );
    assert.equal(isWritten(), false);
  }

  for (const [name, chain] of chains) {
    test(`nothing is changed, until that has ended; its daemon does not count (${name})`, async () => {
      const holder = `somebody@${randomUUID()} it's`;
      const first = await held(chain(), holder);
      try {
        const what = name.includes("node") ? ["writing", "process"] : ["writing"];
        for (const one of [...what, "atOnce", "looking", ...(name === "ssh" ? ["inside"] : [])]) {
          assertRefused(await told(chain(), hosts[one], lockedBy("second")), holder);
        }
        assertRefused(await told(chain(), hosts.writing, lockedBy("third", 1200)), holder);
        const { report } = await told(chain(), hosts.another, lockedBy("second"));
        assert.deepEqual([report.error, report.counts.changed], [undefined, 1]);
        await shell("rm /tmp/written");
      } finally {
        const { report } = await first.end();
        assert.ok(isError(report.error, Cancelled), String(report.error));
      }
      assert.notEqual(await shell("pgrep -f 'sleep 400'"), "");
      const { report } = await told(chain(), hosts.writing, lockedBy("second"));
      assert.deepEqual([report.error, report.counts.failed], [undefined, 0]);
      assert.equal(isWritten(), true);
    });
  }

  for (const [name, chain] of chains.filter(([name]) => name === "ssh" || name === "ssh → node")) {
    test(`waits, says so, and goes on when it is free (${name})`, async () => {
      const first = await held(chain(), "first");
      const informed: string[] = [];
      const waiting = told(chain(), hosts.writing, {
        ...lockedBy("second", 60_000),
        listener: (event) => {
          if (event.type === "inform" && event.level === 1) informed.push(event.text);
        },
      });
      const isTold = () => informed.some((text) => /^waiting for the lock.*by first/.test(text));
      await until(isTold, "told that it waits", 20_000);
      assert.equal(isWritten(), false);
      await first.end();
      const { report } = await waiting;
      assert.deepEqual([report.error, report.counts.failed, isWritten()], [undefined, 0, true]);
    });

    test(`what is so when it is free counts, not what was before (${name})`, async () => {
      const first = await held(chain(), "first");
      let isWaiting = false;
      const waiting = told(chain(), hosts.finding, {
        ...lockedBy("second", 60_000),
        listener: (event) => {
          if (event.type === "inform" && /^waiting/.test(event.text)) isWaiting = true;
        },
      });
      await until(() => isWaiting, "told that it waits", 20_000);
      await shell("touch /tmp/written");
      await first.end();
      const { report } = await waiting;
      assert.deepEqual([report.error, report.counts.unchanged], [undefined, 1]);
    });

    test(`waiting is cancelled (${name})`, async () => {
      const first = await held(chain(), "first");
      const controller = new AbortController();
      const waiting = told(chain(), hosts.writing, {
        ...lockedBy("second", 60_000),
        signal: controller.signal,
        listener: (event) => {
          if (event.type === "inform" && /^waiting/.test(event.text)) controller.abort();
        },
      });
      const { report } = await waiting;
      assert.ok(isError(report.error, Cancelled), String(report.error));
      assert.equal(report.counts.notReached, 2);
      await first.end();
      assert.equal(isWritten(), false);
    });
  }

  const image = "pgrep -o -f '[s]ingle-threaded'";
  const executor = "pgrep -n -f '[I]FS= read -r _k; IFS= read -r _s'";
  const blows: [what: string, chain: string, command: string][] = [
    ["its connection", "ssh", "pkill -KILL -f '^sshd: [^/]'"],
    ["its connection", "ssh → sudo", "pkill -KILL -f '^sshd: [^/]'"],
    ["its connection", "ssh → node", "pkill -KILL -f '^sshd: [^/]'"],
    ["sudo", "ssh → sudo", "pkill -KILL -x sudo"],
    ["its first shell", "ssh", "kill -KILL $(pgrep -o -f '[c]onsfig-hello')"],
    ["every shell of its", "ssh", "pkill -KILL -f '[c]onsfig-hello'"],
    ["its executor", "ssh", `kill -KILL $(${executor})`],
    ["its executor", "ssh → node", `kill -KILL $(${executor})`],
    ["the image", "ssh → node", `kill -KILL $(${image})`],
    ["the image", "ssh → node → as", `kill -KILL $(${image})`],
    ["the grandchild", "ssh → node → as", "kill -KILL $(pgrep -u alice -f '[s]ingle-threaded')"],
  ];
  for (const [what, name, blow] of blows) {
    test(`is free as soon as ${what} is killed (${name})`, async () => {
      const chain = chains.find((one) => one[0] === name)?.[1] ?? assert.fail();
      const first = await held(chain(), "first");
      const killed = shell(blow);
      await until(
        async () => {
          const { report } = await told(chain(), hosts.another, lockedBy("x"));
          const same = await told(chain(), hosts.writing, lockedBy("second"));
          return !report.error && !same.report.error;
        },
        "free",
        10_000,
      );
      await killed;
      const { report } = await first.end();
      assert.ok(report.error ?? report.failures[0], "it was not told");
    });
  }

  test("costs no round trip where the host is looked at first", async () => {
    const trips = async (options: DeploymentOptions) => {
      const { report } = await told(byShell[0]?.[1]() ?? [], hosts.looking, options);
      assert.equal(report.error, undefined);
      return report.traffic?.roundTrips;
    };
    assert.equal(await trips(lockedBy("me")), await trips({}));
  });

  test("where there is no flock, or no place for a lock, that is told", async () => {
    const tree = busyboxTree();
    try {
      await shell("mkdir -p /srv");
      execFileSync("cp", ["-a", tree, path.join(place.bed.host(0).root, "srv/bare")]);
    } finally {
      removeTree(tree);
    }
    const bare = await told(
      [place.ssh(), node(), chroot("/srv/bare")],
      hosts.looking,
      lockedBy("me"),
    );
    assert.equal(bare.report.error, undefined);
    assert.match(bare.informed.join("\n"), /deployed without a lock: there is no flock/);

    await shell("rm -rf ~alice/.cache/consfigurator/locks; : >~alice/.cache/consfigurator/locks");
    const placeless = await told([place.ssh("alice")], hosts.looking, lockedBy("me"));
    assert.equal(placeless.report.error, undefined);
    assert.match(placeless.informed.join("\n"), /deployed without a lock: .*locks/);
  });
});
