/** Properties beyond a hop that a grandchild enters: applied there, reported here. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import "../../../connections/local/index.js";
import {
  type DeploymentEvent,
  type DeploymentReport,
  dataAttr,
  deploy,
  deploys,
  FailedChange,
  type Host,
  hopType,
  host,
  inOrder,
  inOrderUntil,
  nodeProperty,
  type Propspec,
  posixProperty,
  resetDataSources,
} from "../../../engine/index.js";
import * as file from "../../../properties/file/index.js";
import { form, mount, mountFlags, unshareNamespaces } from "../../../zygote/index.js";
import { supply } from "../../helpers/dataSource.js";
import { needsUid0, scenario } from "../../zygote/scenario.js";

const enterRoom = form("order.enterRoom", {
  args: z.tuple([z.string()]),
  evaluate: (directory) => {
    if (directory === "/nowhere") throw new Error("there is no such room");
    unshareNamespaces("mount");
    mount({ source: "none", target: "/", flags: mountFlags.private | mountFlags.recursive });
    mount({ source: "room", target: directory, type: "tmpfs", data: "mode=755" });
  },
});
/** Everything below the directory is another file system, which only what is in there sees. */
const room = hopType<"same", [directory: string]>("order.room", {
  gives: "same",
  args: z.tuple([z.string()]),
  desc: (_context, directory) => `room ${directory}`,
  enter: (directory) => enterRoom(directory),
});

const listed = nodeProperty<[directory: string, into: string]>("order.listed", {
  args: z.tuple([z.string(), z.string()]),
  desc: (directory) => `${directory} listed`,
  apply: async (on, directory, into) => {
    on.inform(`process ${process.pid}`);
    writeFileSync(into, `${process.pid} ${readdirSync(directory)}`);
    return "changed";
  },
});
const fails = nodeProperty<[]>("order.fails", {
  args: z.tuple([]),
  desc: () => "fails",
  apply: () =>
    Promise.reject(new FailedChange("it \u001b[31mfailed", { hint: "mend it", exitCode: 3 })),
});
const dies = nodeProperty<[]>("order.dies", {
  args: z.tuple([]),
  desc: () => "dies",
  apply: async () => {
    process.stderr.write("about to die\n");
    process.kill(process.pid, "SIGKILL");
    await sleep(60_000);
    return "unchanged";
  },
});
const lasts = posixProperty<[]>("order.lasts", {
  args: z.tuple([]),
  desc: () => "lasts",
  apply: async (on) => {
    await on.run(["sleep", "1000"]);
    return "unchanged";
  },
});
const needs = nodeProperty<[declared: boolean]>("order.needs", {
  args: z.tuple([z.boolean()]),
  desc: () => "needs data",
  hostattrs: (attrs, declared) => {
    if (declared) attrs.pushNew(dataAttr, ["_order", "secret"]);
  },
  apply: async (on) => {
    const { content } = await on.data("_order", "secret");
    on.inform(`${content.length} bytes`);
    return "changed";
  },
});

interface Told {
  readonly report: DeploymentReport;
  readonly events: readonly DeploymentEvent[];
}

async function told(into: Host, signal?: AbortSignal): Promise<Told> {
  const events: DeploymentEvent[] = [];
  const report = await deploy([room(place)], into, [], {
    listener: (event) => events.push(event),
    ...(signal ? { signal } : {}),
  });
  return { report, events };
}

const place = mkdtempSync(path.join(os.tmpdir(), "room-"));
const named = (...props: readonly Propspec[]) => host("room.example.com", ...props);
const informed = ({ events }: Told) =>
  events.flatMap((event) => (event.type === "inform" && event.level === 1 ? [event.text] : []));

await scenario(
  import.meta.url,
  ["forked"],
  {
    "properties of both kinds, live": async () => {
      const inside = path.join(place, "a");
      const result = await told(
        named(file.hasContent(inside, "x"), listed(place, path.join(place, "b"))),
      );
      assert.deepEqual([result.report.counts.failed, result.report.counts.changed], [0, 2]);
      const pids = informed(result).map((text) => text.split(" ")[1]);
      assert.ok(pids.length === 1 && pids.every((pid) => Number(pid) !== process.pid));
      assert.deepEqual(readdirSync(place), [], "nothing of it is outside");
      const kinds = result.events.map(({ type }) => type).filter((type) => type !== "inform");
      assert.deepEqual(kinds.slice(0, 3), ["connecting", "connected", "started"]);
    },
    "an error keeps its class, facts and place, and is told once": async () => {
      const { report } = await told(named(inOrderUntil(FailedChange, fails()), inOrder(fails())));
      assert.equal(report.counts.failed, 1);
      const [{ error } = { error: undefined }] = report.failures;
      assert.deepEqual(
        [error?.code, error?.hint, error?.facts.exitCode],
        ["E_FAILED", "mend it", 3],
      );
      assert.equal(error?.message, "it \\x1b[31mfailed");
      assert.match(String(error?.facts.at), /order\.spec\.[jt]s:\d+/);
      assert.equal(report.failures.length, 1);
    },
    "one inside the other, as a subdeployment": async () => {
      const child = host("child.example.com", listed(place, path.join(place, "deep", "c")));
      const make = file.directoryExists(path.join(place, "deep"));
      const result = await told(named(make, deploys([room(path.join(place, "deep"))], child)));
      assert.deepEqual([result.report.counts.failed, result.report.counts.changed], [0, 2]);
      assert.deepEqual(readdirSync(place), []);
    },
    "data that is declared, and no other": async () => {
      const asked = supply("do not tell");
      const declared = await told(named(needs(true)));
      assert.deepEqual(informed(declared), ["11 bytes"]);
      const { report } = await told(named(needs(false)));
      assert.equal(report.counts.failed, 1);
      assert.deepEqual(asked, ["_order,secret"]);
      resetDataSources();
    },
    "data larger than any message": async () => {
      supply(Buffer.alloc(17 * 1024 * 1024));
      assert.deepEqual(informed(await told(named(needs(true)))), [`${17 * 1024 * 1024} bytes`]);
      resetDataSources();
    },
    "a process that dies, a hop that cannot be entered": async () => {
      const { report, events } = await told(named(fails(), dies(), needs(false)));
      const endings = events.flatMap((event) =>
        event.type === "ended" ? [`${event.item.desc} ${event.ending.outcome}`] : [],
      );
      assert.deepEqual(endings, ["fails failed", "dies failed", "needs data notReached"]);
      assert.deepEqual([report.counts.failed, report.counts.notReached], [2, 1]);
      assert.equal(report.error?.code ?? report.failures[0]?.error.code, "E_FAILED");
      assert.match(String(report.error?.message), /room .*SIGKILL/);
      assert.match(String(report.error?.facts.output), /about to die/);
      const nowhere = await deploy([room("/nowhere")], named(fails()));
      assert.equal(nowhere.error?.code, "E_ABORTED");
      assert.match(String(nowhere.error?.message), /no such room/);
    },
    "an order that is larger than any message": async () => {
      const large = file.hasContent(path.join(place, "a"), "x".repeat(17 * 1024 * 1024));
      const { report } = await told(named(large));
      assert.deepEqual([report.error?.code, report.counts.notReached], ["E_FRAME", 1]);
      assert.match(String(report.error?.message), /over the limit/);
    },
    cancelled: async () => {
      const controller = new AbortController();
      const running = told(named(lasts()), controller.signal);
      await sleep(500);
      controller.abort();
      const { report } = await running;
      assert.equal(report.error?.code, "E_CANCELLED");
      const left = () =>
        readdirSync("/proc").filter((pid) => {
          try {
            return readFileSync(`/proc/${pid}/cmdline`, "latin1") === "sleep\u00001000\0";
          } catch {
            return false;
          }
        });
      // What was started there is gone within five seconds.
      for (let tries = 0; tries < 100 && left().length > 0; tries++) await sleep(50);
      assert.deepEqual(left(), []);
    },
    "nothing is left": async () => {
      mkdirSync(place, { recursive: true });
      rmSync(place, { recursive: true });
    },
  },
  { unavailable: needsUid0 },
);
if (process.env.ZYGOTE_SCENARIO === undefined) rmSync(place, { recursive: true, force: true });
