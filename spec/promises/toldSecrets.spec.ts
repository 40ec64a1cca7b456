/** Nothing that is told of a deployment has a secret of it, whatever is done with the secret there. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { jsonLine } from "../../cli/render/json.js";
import { local } from "../../connections/local/index.js";
import { node } from "../../connections/node/index.js";
import { sudo } from "../../connections/sudo/index.js";
import { type Chain, type Host, resetDataSources } from "../../engine/index.js";
import { main, Scratch } from "../cli/command.js";
import { Place, type Told, told } from "../connections/node/place.js";
import { testbedUnavailable } from "../testbed/index.js";
import { namesIn } from "./scan.js";

const random = () => randomBytes(20).toString("hex");

const first = random();
const second = random();
const password = random();
const computed = random();
const control = random();
/** With all that is written in another way somewhere. */
const content = `it's "${first}" \\n $HOME 100%\nsecond=${second}\n`;
const base64 = Buffer.from(content).toString("base64").slice(0, 40);
const needles = { first, second, password, base64, computed };

const consfig = (sshConfig: string, data: string) => `
import { setTimeout as sleep } from "node:timers/promises";
import {
  deploys, FailedChange, host, inOrderUntil, nodeProperty, posixProperty, registerDataSource, Secret,
} from "consfigurator";
import { node } from "consfigurator/connections/node";
import { setuid } from "consfigurator/connections/setuid";
import { ssh } from "consfigurator/connections/ssh";
import { filesTree } from "consfigurator/data/filesTree";
import * as file from "consfigurator/properties/file";
import { z } from "zod";

registerDataSource(filesTree(${JSON.stringify(data)}));

/** Ways to tell a secret, each of which fails. */
const ways = {
  stdin: (on, secret) => on.run(["sh", "-c", "cat >&2; exit 3"], { stdin: secret }),
  stdout: (on, secret) => on.run(["sh", "-c", "cat; exit 3"], { stdin: secret }),
  argument: (on, _, text) => on.run(["sh", "-c", "exit 3", "sh", text]),
  variable: (on, _, text) => on.run(["sh", "-c", "printenv A >&2; exit 3"], { env: { A: text } }),
  path: (on, _, text) => on.readFile("/nowhere/" + text.split("\\n")[1]),
  line: (on, _, text) => { throw new FailedChange("in line 2: " + text.split("\\n")[1]); },
  quoted: (on, _, text) => { throw new FailedChange("bad", { output: JSON.stringify({ text }), hint: text }); },
  encoded: (on, _, text) => { throw new FailedChange(Buffer.from(text).toString("base64")); },
  informed: (on, _, text) => { on.inform("it is " + text); throw new FailedChange("informed"); },
  computed: (on) => {
    const stdin = new Secret("${computed.slice(0, 9)}" + "${computed.slice(9)}");
    return on.run(["sh", "-c", "cat >&2; exit 3"], { stdin });
  },
};
/** A mistake in the property, which ends the deployment. */
const broken = {
  broken: (on, _, text) => {
    const more = { cause: new Error(text), request: { headers: [text] } };
    throw Object.assign(new TypeError("expected " + text), more);
  },
};
/** In a process on the host only. */
const waysThere = {
  printed: (on, _, text) => {
    process.stderr.write(text);
    console.log(text);
    throw new FailedChange("printed");
  },
  dies: async (on, _, text) => {
    process.stderr.write(text);
    process.kill(process.pid, "SIGKILL");
    await sleep(60_000);
  },
  forgotten: async (on, _, text) => {
    void Promise.reject(new Error("forgotten " + text));
    await sleep(60_000);
  },
};
const definition = {
  args: z.tuple([z.string()]),
  hostattrs: (attrs) => attrs.requireData("_told", "secret"),
  apply: async (on, way) => {
    const secret = (await on.data("_told", "secret")).asSecret();
    on.inform("${control.slice(0, 9)}" + "${control.slice(9)}");
    await { ...ways, ...broken, ...waysThere }[way](on, secret, secret.reveal());
    return "changed";
  },
};
const tells = posixProperty<[way: string]>("told.tells", definition);
const tellsHere = nodeProperty<[way: string]>("told.tellsHere", definition);

const all = Object.keys(ways).map((way) => tells(way));
const allThere = [...all, tellsHere("printed"), tells("broken")];
const to = ssh({ host: "h01", configFile: ${JSON.stringify(sshConfig)} });
export const posix = host("posix", { deploy: [to] }, ...all, tells("broken"));
export const image = host("image", { deploy: [to, node()] }, ...allThere);
export const inside = host("inside", deploys([setuid("alice")], host("alice", ...allThere)));
export const forgettingHere = host("forgettingHere", { deploy: [to] }, tells("forgotten"));
export const dying = host("dying", tellsHere("dies"));
export const dyingInside = host("dyingInside", deploys([setuid("alice")], host("alice", tellsHere("dies"))));
export const forgetting = host("forgetting", tellsHere("forgotten"));
export const forgettingInside = host("forgettingInside",
  deploys([setuid("alice")], host("alice", tellsHere("forgotten"))));
export const forgiving = host("forgiving", inOrderUntil(FailedChange, tells("argument"), tells("line")));
export const fine = host("fine", { deploy: [to, node()] }, file.secretUploaded("_told", "secret", "/etc/secret"));
`;

describe("what is told of a deployment", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let text: string;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    const data = path.join(place.directory, "data");
    for (const [file, text] of Object.entries({
      "_told/secret": content,
      "--user-passwd--posix/alice": password,
      "--user-passwd--image/alice": password,
    })) {
      mkdirSync(path.dirname(path.join(data, file)), { recursive: true });
      writeFileSync(path.join(data, file), text);
    }
    text = consfig(place.bed.sshConfigFile, data);
    hosts = await place.load(text);
  });
  after(async () => {
    resetDataSources();
    await place?.close();
  });

  /** Whatever a listener could do with what it is told. */
  function assertNothing({ events, report }: Told, times: number): void {
    const options = {
      depth: Infinity,
      showHidden: true,
      maxArrayLength: null,
      maxStringLength: null,
    };
    const all = [inspect(events, options), inspect(report, options), events.map(jsonLine).join("")];
    for (const text of all) assert.deepEqual(namesIn(text, needles), []);
    assert.equal(all[2]?.split(control).length, times + 1, "the positive control");
  }

  /** Of those that tell in a shell, and the one that is printed by a process. */
  const [count, more] = [11, 1];

  test("over a shell has no secret", async () => {
    for (const chain of [[place.ssh()], [place.ssh("admin"), sudo()], [local()]]) {
      const result = await told(chain, hosts.posix);
      assert.equal(result.report.counts.failed, count);
      assertNothing(result, count);
    }
  });

  test("of an image and of grandchildren has no secret", async () => {
    for (const host of [hosts.image, hosts.inside]) {
      const result = await told([place.ssh(), node()], host);
      const inShells = result.report.failures.filter(({ item }) => item.id === "told.tells");
      assert.equal(inShells.length, count);
      assertNothing(result, count + more);
    }
  });

  test("of processes that die has no secret", async () => {
    const names = ["dying", "dyingInside", "forgetting", "forgettingInside"] as const;
    for (const name of names) {
      const result = await told([place.ssh(), node()], hosts[name]);
      assert.match(inspect(result.report, { depth: Infinity }), /\[secret\]/, name);
      assertNothing(result, 1);
    }
  });

  test("of what was not for here has no secret", async () => {
    for (const chain of [[place.ssh()], [place.ssh(), node()]]) {
      const result = await told(chain, hosts.forgiving);
      const reasons = result.events.flatMap((event) =>
        event.type === "ended" && event.ending.outcome === "notReached" ? event.ending.reason : [],
      );
      assert.match(reasons.join("\n"), /a command ended with exit code 3: .*\[secret\]/);
      assertNothing(result, 1);
    }
  });

  test("of a hop that prints the password it was given has no secret", async () => {
    const { root } = place.bed.host(0);
    const program = `#!/bin/sh
      while [ "$1" != -- ]; do [ "$1" = -p ] && prompt=$2; shift; done
      printf %s "$prompt" >&2; IFS= read -r password; echo "not $password" >&2; exit 1`;
    writeFileSync(path.join(root, "usr/local/bin/sudo"), program, { mode: 0o755 });
    const hop = sudo({ passwordOf: "alice" });
    for (const [host, chain] of [
      [hosts.posix, [place.ssh("alice"), hop]],
      [hosts.image, [place.ssh("alice"), hop, node()]],
    ] as const) {
      const result = await told(chain as Chain, host);
      assert.equal(result.report.error?.facts.output, "not [secret]");
      assertNothing(result, 0);
    }
    rmSync(path.join(root, "usr/local/bin/sudo"));
  });

  const outputs = [[], ["-q"], ["-v"], ["-vv"], ["-vvv"], ["--json"], ["--json", "-vvv"]];

  test("by the command has no secret, however much is wanted", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", text);
    for (const options of outputs) {
      const { code, stdout, stderr } = await scratch.consfig(
        "deploy",
        "fine",
        "posix",
        "image",
        ...options,
      );
      assert.equal(code, 3, stderr);
      assert.match(stdout + stderr, /in line 2: \[secret\]/);
      assert.deepEqual(namesIn(stdout + stderr, needles), [], options.join(" "));
    }
  });

  test("on a terminal has no secret", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", text);
    const words = `'${process.execPath}' '${main}' deploy fine posix image -vvv`;
    const { stdout } = await scratch.spawn(["script", "-qec", words, "/dev/null"]).ended;
    assert.match(stdout, /in line 2: \[secret\]/);
    assert.deepEqual(namesIn(stdout, needles), []);
  });

  test("by the command has no secret when nobody waits for what fails here", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", text);
    for (const options of [[], ["-vvv"], ["--json"]]) {
      const ended = await scratch.consfig("deploy", "forgettingHere", ...options);
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /forgotten \[secret\]/);
      assert.deepEqual(namesIn(ended.stdout + ended.stderr, needles), []);
    }
  });
});
