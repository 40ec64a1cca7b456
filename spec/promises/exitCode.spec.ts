/** The command's exit code is 0 if and only if all was done that was asked for, however hosts end. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { after, before, describe, type TestContext, test } from "node:test";
import { encodeFrame } from "../../zygote/frames.js";
import { Scratch } from "../cli/command.js";
import { Place } from "../connections/node/place.js";
import { draws, isWhole } from "../helpers/seed.js";
import { testbedUnavailable } from "../testbed/index.js";

const consfig = (sshConfig: string, state: string) => `
import { Cancelled, deploys, described, FailedChange, host, keepGoing, LockHeld, nodeProperty,
  posixProperty, script, withHome } from "consfigurator";
import { as } from "consfigurator/connections/as";
import { local } from "consfigurator/connections/local";
import { node } from "consfigurator/connections/node";
import { ssh } from "consfigurator/connections/ssh";
import { z } from "zod";

const ways = {
  fills: async (on) => {
    await on.run(script\`head -c 1M /dev/zero >\${${JSON.stringify(state)}}/fill || :\`);
    return "changed";
  },
  waits: async (on) => { await on.run(script\`sleep 0.5\`); return "changed"; },
  changed: async () => "changed",
  unchanged: async () => "unchanged",
  fails: async () => { throw new FailedChange("it failed"); },
  breaks: async () => { throw new TypeError("it broke"); },
  cancelled: async () => { throw new Cancelled("it says so"); },
  locked: async () => { throw new LockHeld("it says so"); },
  lost: async (on) => { await on.run(script\`kill -9 $PPID; sleep 10\`); return "changed"; },
  part: (on) => on.apply(keepGoing(does("fails"), does("changed"))),
};
const does = posixProperty("code.does", {
  args: z.tuple([z.string(), z.string().exactOptional()]),
  apply: (on, way) => ways[way](on),
});
const isTerminated = nodeProperty("code.isTerminated", {
  args: z.tuple([]),
  apply: async (on) => {
    process.kill(process.pid, "SIGTERM");
    await on.run(script\`sleep 10\`);
    return "changed";
  },
});
const here = { deploy: [local()] };
// What is told of it does not fit into what is left.
const much = Array.from({ length: 60 }, (_, i) => does("unchanged", i + "x".repeat(500)));
export const fills = host("fills", here, does("fills"), ...much, does("waits"));
export const simple = Object.keys(ways).slice(2).map((way) => host(way, here, does(way), does("unchanged")));
export const group = host("group", here, described("a group", keepGoing(does("fails"), does("changed"))));
export const inside = host("inside", here, deploys([as("root")], host("inner", does("fails"))));
export const alone = host("alone", here, withHome({ user: "nobody-of-that-name" }, does("changed")));
const to = (name) => ssh({ host: name, configFile: ${JSON.stringify(sshConfig)} });
export const away = host("away", { deploy: [ssh({ host: "127.0.0.1", port: 1 })] }, does("changed"));
export const image = host("image", { deploy: [to("h01"), node()] }, does("changed"));
export const terminated = host("terminated", { deploy: [to("h01"), node()] }, isTerminated());
export const lies = host("lies", { deploy: [to("h02"), node({ from: ["system"] })] }, does("changed"));
`;

/** Hosts by how they end, and the exit code of one alone. */
const codes: Readonly<Record<string, number>> = {
  ...{ changed: 0, unchanged: 0, image: 0 },
  ...{ fails: 3, breaks: 3, cancelled: 3, lost: 3, part: 3, group: 3, inside: 3, alone: 3 },
  ...{ terminated: 3, lies: 3, away: 4, locked: 5 },
};
const isGood = (name: string) => codes[name] === 0;

interface Summary {
  readonly exitCode: number;
  readonly hosts: readonly { readonly host: string; readonly counts?: object }[];
}

describe("the exit code", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;

  before(async () => {
    place = await Place.open(2);
    place.installNode();
    const error = { codes: ["E_CANCELLED"], name: "Cancelled", message: "cancelled", facts: {} };
    const failed = { number: 0, error };
    const frame = encodeFrame({
      kind: "returned",
      exitCode: 0,
      value: { failed, leftRunning: [] },
    }).toString("base64");
    place.installStandIn(
      `echo '{"missing":[],"pid":4242,"runtime":"v20"}'; echo ${frame} | base64 -d; exit 0`,
      1,
    );
  });
  after(() => place?.close());

  /** Deploys the hosts, one after the other; `fills` makes the journal fail. */
  async function codeOf(t: TestContext, names: readonly string[]): Promise<Summary> {
    const scratch = new Scratch(t);
    const state = scratch.path("state");
    mkdirSync(state, { mode: 0o700 });
    const mounted = ["-t", "tmpfs", "-o", "size=160k,mode=700", "tmpfs", state];
    if (names.includes("fills")) assert.equal(spawnSync("mount", mounted).status, 0);
    try {
      scratch.write("consfig.ts", consfig(place.bed.sshConfigFile, state));
      const words = ["deploy", ...names, "--parallel", "1", "--threads", "0", "--json"];
      const env = { XDG_STATE_HOME: state };
      const { code, stdout, stderr } = await scratch.start(words, env).ended;
      const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null") as Summary;
      assert.equal(summary?.exitCode, code, stderr || stdout);
      return summary;
    } finally {
      if (names.includes("fills")) assert.equal(spawnSync("umount", ["-l", state]).status, 0);
    }
  }

  const draw = draws();
  const names = Object.keys(codes);
  const few = isWhole ? names : [...new Set([names[draw(3)], "lies", "terminated", "group"])];
  for (const name of few) {
    test(`of a host that is ${name}`, async (t) => {
      assert.equal((await codeOf(t, [name ?? ""])).exitCode, codes[name ?? ""]);
    });
  }

  for (let run = 0; run < (isWhole ? 60 : 6); run++) {
    const some = Array.from({ length: 1 + draw(4) }, () => {
      const list = draw(2) === 0 ? names.filter(isGood) : names;
      return list[draw(list.length)] ?? "";
    });
    const chosen = [...new Set([...(draw(4) === 0 ? ["fills"] : []), ...some])];
    test(`of ${chosen.join(", ")}`, async (t) => {
      const { exitCode, hosts } = await codeOf(t, chosen);
      const isDone = hosts.every(
        ({ host, counts }) => counts && (isGood(host) || host === "fills"),
      );
      assert.equal(exitCode === 0, isDone, JSON.stringify(hosts));
    });
  }

  test("is not 0 where the journal fails and hosts are not begun", async (t) => {
    const { exitCode, hosts } = await codeOf(t, ["fills", "changed", "unchanged", "image"]);
    assert.equal(exitCode, 3);
    assert.ok(hosts.some(({ counts }) => counts === undefined));
  });
});
