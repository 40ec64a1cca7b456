/** Commands that do not end by themselves: cancelled, or silent for too long, wherever they run. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { as } from "../../../connections/as/index.js";
import { node } from "../../../connections/node/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import {
  Cancelled,
  type Chain,
  CommandSilent,
  CommandTimedOut,
  type DeploymentOptions,
  type Host,
  isError,
} from "../../../engine/index.js";
import { until } from "../../helpers/processes.js";
import { sampled } from "../../helpers/seed.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place, told } from "./place.js";

const consfig = `
import { z } from "zod";
import { host, nodeProperty, posixProperty } from "consfigurator";
import "consfigurator/connections/as";
const args = z.tuple([z.string()]);
const apply = async (on, text) => {
  // A daemon of an earlier command is none of the one that is stopped.
  await on.run(["sh", "-c", "setsid sleep 400 >/dev/null 2>&1 & :"]);
  on.inform("runs");
  await on.run(["sh", "-c", text]);
  return "changed";
};
const byShell = posixProperty("limits.byShell", { args, apply });
const inNode = nodeProperty("limits.inNode", { args, apply });
const nothing = posixProperty("limits.nothing", { args: z.tuple([]), apply: async () => "unchanged" });
const both = (name, text) => [host(name, byShell(text), nothing()), host(name, inNode(text), nothing())];
export const quiet = host("quiet", nothing());
export const [stubborn, stubbornInNode] = both("stubborn", "trap '' TERM; while :; do sleep 300; done");
export const [many, manyInNode] = both(
  "many",
  "trap '' TERM; for i in $(seq 100); do sh -c 'trap \\"\\" TERM; sleep 300; sleep 300' & done; wait",
);
export const [stopped, stoppedInNode] = both("stopped", "kill -STOP $$; sleep 300");
export const [leaves, leavesInNode] = both(
  "leaves",
  "setsid sh -c 'sleep 500; :' & (setsid sleep 500 &) ; sleep 300",
);
export const [silent, silentInNode] = both("silent", "echo first; echo last; sleep 300");
export const [talks, talksInNode] = both("talks", "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep .4; done");
`;

const patienceMs = 5000;

describe("a command that does not end", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    hosts = await place.load(consfig);
    for (const [, chain] of chains) await told(chain(), hosts.quiet);
  });
  after(() => place?.close());

  type Way = [name: string, chain: () => Chain, suffix: "" | "InNode"];
  const byShell: Way[] = [
    ["ssh", () => [place.ssh()], ""],
    ["ssh → sudo", () => [place.ssh("admin"), sudo()], ""],
  ];
  const inNode: Way[] = [
    ["ssh → node", () => [place.ssh(), node()], "InNode"],
    ["ssh → node → as", () => [place.ssh(), node(), as("alice")], "InNode"],
  ];
  const chains = [...sampled(byShell, "by shell"), ...sampled(inNode, "in Node")];
  const shell = async (command: string) => (await place.bed.host(0).shell(command)).stdout.trim();
  const running = (seconds: number) => shell(`pgrep -c -f '[s]leep ${seconds}'`);

  afterEach(async () => {
    await shell("pkill -KILL -f '[s]leep [45]00'");
    await until(async () => (await running(300)) === "0", "ended on the host");
  });

  /** Deploys, aborts as soon as the command runs, and how long the deployment went on. */
  async function cancelled(chain: Chain, host: Host | undefined) {
    const controller = new AbortController();
    let abortedAt = Number.NaN;
    const result = await told(chain, host, {
      signal: controller.signal,
      listener: (event) => {
        if (event.type !== "inform" || event.text !== "runs") return;
        setTimeout(() => {
          abortedAt = performance.now();
          controller.abort();
        }, 700);
      },
    });
    return { ...result, ms: performance.now() - abortedAt };
  }

  for (const [name, chain, suffix] of chains) {
    for (const which of ["stubborn", "many", "stopped"]) {
      test(`has ended in time when all is cancelled: ${which} (${name})`, async () => {
        const { report, ms } = await cancelled(chain(), hosts[`${which}${suffix}`]);
        assert.ok(isError(report.error, Cancelled), String(report.error));
        assert.equal(report.error.hint, undefined);
        assert.ok(ms < patienceMs, `after ${ms} ms`);
        assert.deepEqual([report.counts.interrupted, report.counts.notReached], [1, 1]);
        assert.equal(await running(300), "0");
        assert.equal(report.leftRunning, undefined);
        assert.equal(await running(400), "1", "a daemon that is none of it");
      });
    }

    test(`what has left its group is listed (${name})`, async () => {
      const { report, informed, ms } = await cancelled(chain(), hosts[`leaves${suffix}`]);
      assert.ok(isError(report.error, Cancelled), String(report.error));
      assert.ok(ms < patienceMs, `after ${ms} ms`);
      const commands = report.leftRunning?.map(({ command }) => command).toSorted();
      const expected = ["sh -c sleep 500; :", "sleep 500", "sleep 500"];
      assert.deepEqual(commands, expected, String(commands));
      for (const { pid } of report.leftRunning ?? []) {
        assert.notEqual(await shell(`cat /proc/${pid}/comm`), "");
      }
      assert.match(informed.join("\n"), /still running after its command was stopped: \d+ /);
    });

    test(`a host that does not answer is not waited for (${name})`, async () => {
      const controller = new AbortController();
      let abortedAt = Number.NaN;
      try {
        const { report } = await told(chain(), hosts[`silent${suffix}`], {
          signal: controller.signal,
          listener: (event) => {
            if (event.type !== "inform" || event.text !== "runs") return;
            setTimeout(async () => {
              await place.bed.setRtt(120_000);
              abortedAt = performance.now();
              controller.abort();
            }, 700);
          },
        });
        const ms = performance.now() - abortedAt;
        assert.ok(isError(report.error, Cancelled), String(report.error));
        assert.match(String(report.error.hint), /not known what still runs/);
        assert.equal(report.leftRunning, undefined);
        assert.ok(ms < 2 * patienceMs, `after ${ms} ms`);
      } finally {
        await place.bed.setRtt(0);
        await place.bed.host(0).killConnections();
      }
    });

    const limited: DeploymentOptions = { silenceMs: 1500 };

    test(`is ended when it prints nothing for too long, and all goes on (${name})`, async () => {
      const { report, events } = await told(chain(), hosts[`silent${suffix}`], limited);
      assert.equal(report.error, undefined);
      assert.deepEqual([report.counts.failed, report.counts.unchanged], [1, 1]);
      const [{ error } = { error: undefined }] = report.failures;
      assert.ok(isError(error, CommandSilent) && isError(error, CommandTimedOut), String(error));
      assert.deepEqual([error.facts.silenceMs, error.facts.output], [1500, "first\nlast"]);
      assert.equal(events.at(-1)?.type, "finished");
    });

    test(`may go on as long as it prints something (${name})`, async () => {
      const { report } = await told(chain(), hosts[`talks${suffix}`], limited);
      assert.deepEqual([report.error, report.failures], [undefined, []]);
    });
  }
});
