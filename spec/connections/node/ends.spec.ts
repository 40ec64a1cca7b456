/** However the processes of a deployment end: it is told which, and nothing is left. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { node } from "../../../connections/node/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import {
  Cancelled,
  type Chain,
  ConnectionLost,
  type Host,
  isError,
} from "../../../engine/index.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place, told } from "./place.js";

const consfig = `
import { z } from "zod";
import { evalInGrandchild, form, host, nodeProperty, posixProperty } from "consfigurator";
if (process.env.HOME?.startsWith("/home/alice")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
const args = z.tuple([]);
const runs = posixProperty<[]>("ends.runs", {
  args,
  apply: async (on) => {
    on.inform("runs");
    await on.run(["sleep", "300"]);
    return "changed";
  },
});
const lasting = form("ends.lasting", { args, evaluate: () => new Promise(() => setInterval(() => {}, 1000)) });
const forks = nodeProperty<[]>("ends.forks", {
  args,
  apply: async (on) => {
    on.inform("runs");
    const { ended, signal } = await evalInGrandchild(null, lasting());
    on.inform(\`\${ended} \${signal}\`);
    return "changed";
  },
});
const computes = nodeProperty<[seconds: number]>("ends.computes", {
  args: z.tuple([z.number()]),
  apply: async (on, seconds) => {
    on.inform("runs");
    for (const end = Date.now() + seconds * 1000; Date.now() < end; );
    return "unchanged";
  },
});
const nothing = posixProperty<[]>("ends.nothing", { args, apply: async () => "unchanged" });
export const command = host("command", runs(), nothing());
export const grandchild = host("grandchild", forks(), nothing());
export const busy = host("busy", computes(6));
export const stubborn = host("stubborn", computes(120));
export const quiet = host("quiet", nothing());
`;

const oldest = "$(pgrep -o -f '[s]ingle-threaded')";
/** Of one account: another's may be about to end. */
const alices = "$(pgrep -u alice -o -f '[s]ingle-threaded')";

describe("a Node image that ends", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    hosts = await place.load(consfig);
    for (const chain of chains) await told(chain[1](), hosts.quiet);
  });
  after(() => place?.close());

  const chains: [name: string, chain: () => Chain][] = [
    ["ssh", () => [place.ssh(), node()]],
    ["ssh → sudo", () => [place.ssh("admin"), sudo(), node()]],
  ];
  const shell = async (command: string) => (await place.bed.host(0).shell(command)).stdout.trim();
  const left = () =>
    shell("pgrep -fa '[s]ingle-threaded|[c]onsfig-hello|[s]leep 300'; ls -A /tmp").then((text) =>
      text.slice(0, 300),
    );

  afterEach(async () => {
    for (const end = Date.now() + 10_000; (await left()) !== "" && Date.now() < end; )
      await sleep(100);
    assert.equal(await left(), "", "something is left on the host");
    const { report } = await told([place.ssh(), node()], hosts.quiet);
    assert.equal(report.error, undefined);
  });

  /** Deploys, does that to the host as soon as a property runs, and how long it took to be told. */
  async function struck(chain: Chain, host: Host | undefined, blow: () => Promise<unknown>) {
    const begun = deferred();
    const running = told(chain, host, {
      listener: (event) => {
        if (event.type === "inform" && event.text === "runs") begun.resolve();
      },
    });
    void running.then(begun.resolve);
    await begun.promise;
    await sleep(200);
    const at = performance.now();
    await blow();
    const result = await running;
    return { ...result, ms: performance.now() - at };
  }

  for (const [name, chain] of chains) {
    const blows: [what: string, blow: () => Promise<unknown>, message: RegExp][] = [
      ["the connection is lost", () => place.bed.host(0).killConnections(), /./],
      ["it is killed", () => shell(`kill -KILL ${oldest}`), /the Node image has ended/],
      ["it is stopped", () => shell(`kill -STOP ${oldest}`), /made to stand still/],
    ];
    for (const [what, blow, message] of blows) {
      test(`${what} while a command runs (${name})`, async () => {
        const { report, ms } = await struck(chain(), hosts.command, blow);
        assert.ok(isError(report.error, ConnectionLost), String(report.error));
        assert.match(report.error.message, message);
        assert.equal(report.counts.notReached + report.counts.failed, 2);
        assert.ok(ms < 10_000, `told after ${ms} ms`);
      });
    }
  }

  test("its grandchild is killed: the property is told, and all goes on", async () => {
    const grandchild = "$(pgrep -n -f '[s]ingle-threaded')";
    const { report, said } = await struck(chains[0]?.[1]() ?? [], hosts.grandchild, () =>
      shell(
        `kill -KILL ${grandchild}; sleep .1; pgrep -f '[s]ingle-threaded' | tail -n +3 | xargs -r kill -KILL`,
      ),
    );
    assert.equal(report.error, undefined);
    assert.ok(
      said.some((text) => /^(signalled SIGKILL)$/.test(text)),
      said.join(),
    );
  });

  test("its zygote is killed: whoever needs it fails", async () => {
    const { report } = await struck(chains[0]?.[1]() ?? [], hosts.grandchild, () =>
      shell(`kill -KILL $(pgrep -P ${oldest} -f '[s]ingle-threaded')`),
    );
    assert.match(String(report.error), /the zygote .* was ended by SIGKILL/);
  });

  const early: [what: string, afterMs: number, blow: () => Promise<unknown>, error: RegExp][] = [
    [
      "it is killed before it has said anything",
      0,
      () => shell(`kill -KILL ${alices}`),
      /does not start|has ended|modules do not load/,
    ],
    [
      "it is killed while it loads its modules",
      1000,
      () => shell(`kill -KILL ${alices}`),
      /modules do not load/,
    ],
    [
      "it is stopped while it loads its modules",
      1000,
      () => shell(`kill -STOP ${alices}`),
      /made to stand still/,
    ],
    ...[0, 1000].map(
      (afterMs) =>
        [
          `the connection is lost ${afterMs} ms after it has begun`,
          afterMs,
          () => place.bed.host(0).killConnections(),
          /lost|closed/,
        ] satisfies [string, number, () => Promise<unknown>, RegExp],
    ),
  ];
  for (const [what, afterMs, blow, error] of early) {
    test(what, async () => {
      const running = told([place.ssh("alice"), node({ from: ["system"] })], hosts.quiet);
      let isOver = false;
      void running.then(() => {
        isOver = true;
      });
      while (!isOver && (await shell(`echo ${alices}`)) === "");
      await sleep(afterMs);
      await blow();
      const { report } = await running;
      assert.match(String(report.error), error);
      assert.equal(report.counts.notReached, 1);
    });
  }

  test("one that is busy is left alone", async () => {
    const { report } = await told(chains[0]?.[1]() ?? [], hosts.busy);
    assert.equal(report.error, undefined);
    assert.deepEqual(report.failures, []);
  });

  for (const [name, which, limitMs] of [
    ["politely", "command", 10_000],
    ["for good, when it does not listen", "stubborn", 20_000],
  ] as const) {
    test(`by being cancelled, ${name}`, async () => {
      const controller = new AbortController();
      const begun = deferred();
      const running = told(chains[1]?.[1]() ?? [], hosts[which], {
        signal: controller.signal,
        listener: (event) => {
          if (event.type === "inform" && event.text === "runs") begun.resolve();
        },
      });
      await begun.promise;
      const at = performance.now();
      controller.abort();
      const { report } = await running;
      const ms = performance.now() - at;
      assert.ok(isError(report.error, Cancelled), String(report.error));
      const isUnknown = report.error.hint === "it is not known what still runs there";
      assert.equal(isUnknown, which === "stubborn");
      assert.ok(ms < limitMs, `after ${ms} ms`);
    });
  }
});

function deferred() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
