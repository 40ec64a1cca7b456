/**
 * A secret goes through pipes and sockets into the file that is to have it, and nowhere else: what all
 * processes of a deployment start, open and write is traced, on both sides, also where things fail.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { type Ended, main, Scratch } from "../cli/command.js";
import { Place } from "../connections/node/place.js";
import { until } from "../helpers/processes.js";
import { testbedUnavailable } from "../testbed/index.js";
import { processesLike, programOf } from "./scan.js";

const random = (bytes: number) => randomBytes(bytes).toString("base64url");
const secrets = { long: random(30), short: `q${random(9).slice(0, 6)}`, password: random(20) };
/** Seen by everybody, to show that what can be seen is found. */
const control = random(20);

const consfig = (sshConfig: string) => `
import { deploys, FailedChange, host, keepGoing, nodeProperty, posixProperty, registerDataSource } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { setuid } from "consfigurator/connections/setuid";
import { ssh } from "consfigurator/connections/ssh";
import { sudo } from "consfigurator/connections/sudo";
import { filesTree } from "consfigurator/data/filesTree";
import * as cmd from "consfigurator/properties/cmd";
import * as file from "consfigurator/properties/file";
import { z } from "zod";
registerDataSource(filesTree("data"));
const definition = {
  args: z.tuple([z.string(), z.string()]),
  hostattrs: (attrs, item) => attrs.requireData("_motion", item),
  apply: async (on, item, way) => {
    const secret = (await on.data("_motion", item)).asSecret();
    const text = secret.reveal();
    const base64 = Buffer.from("x:" + text).toString("base64");
    if (way === "throws") throw new FailedChange("not " + text, { output: base64 });
    // In an image what code prints is what the host says.
    if (way === "prints" && on.name !== "shell") console.error(text, Buffer.from(text).toString("hex"));
    const script = { prints: "cat; exit 3", encodes: "base64 >&2; exit 3", keeps: "cat >/dev/null; sync; exit 3" };
    await on.run(["sh", "-c", script[way]], { stdin: secret });
    return "changed";
  },
};
const tells = posixProperty("motion.tells", definition);
const tellsThere = nodeProperty("motion.tellsThere", definition);
const ways = ["long", "short"].flatMap((item) => ["throws", "prints", "encodes", "keeps"].map((way) => [item, way]));
const uploaded = (where) => ["long", "short"].map((item) => file.secretUploaded("_motion", item, where + item));
const to = (user) => ssh({ user, host: "h01", configFile: ${JSON.stringify(sshConfig)} });
export const image = host("image", { deploy: [to("alice"), sudo({ passwordOf: "alice" }), node()] },
  cmd.single(["echo", "${control}"]),
  ...uploaded("/etc/image-"),
  ...ways.map(([item, way]) => tellsThere(item, way)),
  deploys([setuid("bob")], host("bob", keepGoing(...ways.map(([item, way]) => tells(item, way))))),
);
export const shell = host("shell", { deploy: [to("root")] },
  cmd.single(["echo", "${control}"]),
  ...uploaded("/etc/shell-"),
  ...ways.map(([item, way]) => tells(item, way)),
);
`;

/** All that a text may be recognised by. */
function waysToWrite(text: string): readonly string[] {
  const base64 = [0, 1, 2].map((before) =>
    Buffer.from("x".repeat(before) + text)
      .toString("base64")
      .slice(Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6)),
  );
  const hex = Buffer.from(text).toString("hex");
  return [text, hex, hex.toUpperCase(), ...base64];
}

const needles = Object.entries(secrets).flatMap(([name, text]) =>
  waysToWrite(text).map((way) => [name, way] as const),
);

/** Where a secret may be written: into streams, the files that are to have it, and the host's cache of data. */
const rightful =
  /^\w+\(\d+<(?:(?:\/dev\/null|pipe|socket|UNIX|TCP|UNIX-STREAM|anon_inode)[^>]*|\/etc\/[^/>]*|[^>]*\/\.cache\/consfigurator\/data\/[^>]*|\/etc\/\.consfig-[^>]*)>/;

describe("a secret in motion", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let scratch: Scratch;
  const ends: (() => void)[] = [];
  let tracers: readonly ChildProcess[] = [];
  let ended: Ended;

  const trace = (file: string) => [
    ...["strace", "-f", "-y", "-v", "-qq", "-s", "65536", "-o", file],
    ...[
      "-e",
      "trace=execve,openat,mkdir,rename,renameat2,write,pwrite64,writev",
      "-e",
      "signal=none",
    ],
  ];

  before(async () => {
    place = await Place.open();
    place.installNode();
    const bed = place.bed.host(0);
    await bed.shell("chpasswd", { input: `alice:${secrets.password}\n` });
    scratch = new Scratch({ after: (end) => ends.push(end) });
    scratch.write("consfig.ts", consfig(place.bed.sshConfigFile));
    scratch.write("data/_motion/long", secrets.long);
    scratch.write("data/_motion/short", secrets.short);
    scratch.write("data/--user-passwd--image/alice", secrets.password);
    // Whatever an sshd has started has been traced from its first moment.
    const { stdout } = await bed.shell("pgrep -x sshd");
    const listening = processesLike(bed.pid).filter((pid) => programOf(pid) === "sshd");
    assert.equal(listening.length, stdout.trim().split("\n").length);
    tracers = listening.map((pid) => {
      const [program = "", ...words] = [...trace(scratch.path("there")), "-p", String(pid)];
      return spawn(program, words, { stdio: "ignore" });
    });
    const isTraced = (pid: number) =>
      /^TracerPid:\t[1-9]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    await until(() => listening.every(isTraced), "the host is traced");
    const command = [process.execPath, main, "deploy", "image", "shell", "-vvv"];
    ended = await scratch.spawn([...trace(scratch.path("here")), ...command]).ended;
    const closed = tracers.map((tracer) => once(tracer, "close"));
    for (const tracer of tracers) tracer.kill();
    await Promise.all(closed);
  });
  after(async () => {
    for (const end of ends) end();
    await place?.close();
  });

  test("is not in what is told, nor in the run's journal", () => {
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(ended.stderr, /failed.*motion\.tells/);
    const journals = scratch.path(".local/state/consfigurator/runs");
    const files = readdirSync(journals).map((name) =>
      readFileSync(path.join(journals, name), "utf8"),
    );
    for (const text of [ended.stdout, ended.stderr, ...files]) {
      const found = needles.filter(([, way]) => text.includes(way));
      assert.deepEqual(found, []);
    }
    assert.ok(existsSync(path.join(place.bed.host(0).root, "etc/shell-long")));
  });

  for (const side of ["here", "there"]) {
    test(`is not in what is started and opened, and is written only where it belongs, ${side}`, async () => {
      const file = scratch.path(side);
      assert.ok(statSync(file).size > 10_000);
      const lines = createInterface({ input: createReadStream(file, "latin1") });
      const wrong: string[] = [];
      let [seen, moved] = [false, 0];
      for await (const line of lines) {
        seen ||= line.includes(control);
        const found = needles.find(([, way]) => line.includes(way));
        if (!found) continue;
        const call = line.replace(/^\d+ +/, "");
        if (rightful.test(call)) moved++;
        else wrong.push(`${found[0]}: ${call.slice(0, 300)}`);
      }
      assert.deepEqual(wrong, []);
      assert.ok(seen, "the positive control");
      // From here it goes through an encrypted connection.
      assert.equal(moved > 0, side === "there");
    });
  }
});
