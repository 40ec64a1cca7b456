/** What one host's properties do, and what becomes of the other hosts. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Lab, missingServer } from "../connections/ssh/helpers/lab.js";
import { gone, isAlive, killIfThere, pidIn, until } from "../helpers/processes.js";
import { consfigOf, type Ended, main, Scratch } from "./command.js";

/** Hosts whose property misbehaves as their name says, and some that are well. */
const consfig = consfigOf(`
import { z } from "zod";
const misdeeds = {
  throws: () => { throw new TypeError("mistaken"); },
  throwsNothing: () => { throw undefined; },
  throwsWhatCannotBeTold: () => { throw { toString() { throw new Error("untold"); } }; },
  exits: () => process.exit(0),
  floods: async (on) => {
    for (let i = 0; i < 5000; i++) on.inform("x".repeat(1000));
    await on.run(script\`head -c 20000000 /dev/zero | tr '\\\\0' x\`);
    return "changed";
  },
  timer: async (on) => {
    setTimeout(() => { throw new Error("in a timer"); }, 100);
    await on.run(script\`echo $$ >timer.pid; exec sleep 300\`, { cwd: process.cwd() });
    return "changed";
  },
  waits: async (on) => { await on.run(["sleep", "300"]); return "changed"; },
  loops: () => { for (;;); },
  neverSettles: () => new Promise(() => {}),
  takesAllMemory: () => { for (const all = [];;) all.push(new Array(100_000).fill(all.length)); },
};
const misbehaves = posixProperty("spec.misbehaves", {
  args: z.tuple([z.string()]),
  apply: async (on, misdeed) => misdeeds[misdeed](on),
});
const directory = process.cwd();
// Tests that go on at once must not wait for each other's locks.
const own = (name) => name + "." + directory.replace(/.*-/, "");
const misdeed = (name) => host(own(name), { deploy: [local()] }, misbehaves(name));
export const bad = Object.keys(misdeeds).map(misdeed);
export const well = ["a", "b", "c", "d"].map((name) =>
  host(own("well-" + name), { deploy: [local()] }, cmd.single(script\`sleep 0.3; echo >>\${directory}/\${name}\`)));
`);

/** What the summary says of each host: each is told of once. */
function summary({ stdout }: Ended): Record<string, string> {
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { type, exitCode, hosts } = lines.at(-1);
  assert.equal(type, "summary");
  const finished = lines.filter(({ type }) => type === "finished" || type === "error");
  const told = finished.map((line) => line.report?.host ?? line.host);
  const plain = (name: string) => name.replace(/\..*/, "");
  assert.equal(new Set(told).size, told.length, `told once: ${told}`);
  const ends = hosts.map(
    (one: { host: string; error?: { code: string }; counts?: { failed: number } }) => [
      plain(one.host),
      one.error?.code ?? (one.counts?.failed ? "failed" : "ok"),
    ],
  );
  return { ...Object.fromEntries(ends), exitCode };
}

async function deployed(
  t: { after(end: () => void): void },
  words: readonly string[],
  flags: readonly string[] = [],
) {
  const scratch = new Scratch(t);
  scratch.write("consfig.ts", consfig);
  const own = words.map((word) => (/^[a-z]/i.test(word) ? `${word}.*` : word));
  const command = [process.execPath, ...flags, main, "deploy", "--json", ...own];
  const ended = await scratch.spawn(command).ended;
  return { ...ended, scratch };
}

const well = { "well-a": "ok", "well-b": "ok", "well-c": "ok", "well-d": "ok" };

describe("a property that", { concurrency: 4 }, () => {
  for (const threads of ["0", "2"]) {
    test(`is wrong harms no other host, with ${threads} threads`, async (t) => {
      const names = ["throws", "throwsNothing", "throwsWhatCannotBeTold", "exits", "floods"];
      const ended = await deployed(t, [...names, "well-*", "--threads", threads]);
      assert.deepEqual(summary(ended), {
        throws: "E_BROKEN_PROPERTY",
        throwsNothing: "E_BROKEN_PROPERTY",
        throwsWhatCannotBeTold: "E_BROKEN_PROPERTY",
        exits: "E_BROKEN_PROPERTY",
        floods: "ok",
        ...well,
        exitCode: 3,
      });
    });

    test(`throws where nobody waits stops the run, with ${threads} threads`, async (t) => {
      const { scratch, ...ended } = await deployed(t, ["timer", "waits", "--threads", threads]);
      assert.deepEqual(summary(ended), {
        timer: "E_CANCELLED",
        waits: "E_CANCELLED",
        exitCode: 1,
      });
      assert.match(ended.stderr, /something that the consfig began fails: Error: in a timer/);
      const pid = await pidIn(scratch.path("timer.pid"));
      await until(() => !isAlive(pid), "ended");
    });
  }

  test("does not heed its time limit is left behind, and the others of its thread are not", async (t) => {
    const words = ["neverSettles", "well-*", "--threads", "1", "--timeout", "6"];
    const ended = await deployed(t, words);
    assert.deepEqual(summary(ended), { neverSettles: "E_THREAD_LOST", ...well, exitCode: 3 });
  });

  test("loops for ever costs its thread, and only those that are in it", async (t) => {
    const words = ["loops", "well-*", "--threads", "1", "--parallel", "1", "--timeout", "6"];
    const ended = await deployed(t, words);
    assert.deepEqual(summary(ended), { loops: "E_THREAD_LOST", ...well, exitCode: 3 });
  });

  test("takes all memory costs its thread, and only those that are in it", async (t) => {
    const words = ["takesAllMemory", "well-*", "--threads", "1", "--parallel", "1"];
    const ended = await deployed(t, words, ["--max-old-space-size=100"]);
    assert.deepEqual(summary(ended), { takesAllMemory: "E_THREAD_LOST", ...well, exitCode: 3 });
  });
});

describe("an interruption with threads", () => {
  const waiting = (before: string) =>
    consfigOf(`
const directory = process.cwd();
export const hosts = ["a", "b", "c"].map((name) => host(name, { deploy: [local()] },
  cmd.single(script\`${before}echo $$ >\${directory}/\${name}.pid; exec sleep 300\`)));
`);

  async function begun(t: { after(end: () => void): void }, before = "") {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", waiting(before));
    const running = scratch.start(["deploy", "--threads", "2", "--json"]);
    const files = ["a", "b", "c"].map((name) => scratch.path(`${name}.pid`));
    await until(() => files.every(existsSync), "begun", 30_000);
    return { ...running, pids: await Promise.all(files.map(pidIn)) };
  }

  test("ends what they began, and tells of each host", async (t) => {
    const { child, ended, pids } = await begun(t);
    child.kill("SIGINT");
    const cancelled = { a: "E_CANCELLED", b: "E_CANCELLED", c: "E_CANCELLED" };
    assert.deepEqual(summary(await ended), { ...cancelled, exitCode: 130 });
    await gone(pids);
  });

  test("leaves at once the second time", async (t) => {
    // What heeds no SIGTERM is not ended before some seconds are over.
    const { child, ended, pids } = await begun(t, "trap '' TERM; ");
    child.kill("SIGINT");
    await sleep(100);
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    assert.equal(code, 130);
    assert.doesNotMatch(stdout, /"type":"summary"/);
    for (const pid of pids) killIfThere(pid);
  });
});

test("a host that takes too long is cancelled, and what it began ends", async (t) => {
  const scratch = new Scratch(t);
  const pidFile = scratch.path("slow.pid");
  scratch.write(
    "consfig.ts",
    consfigOf(`
export const slow = host("slow", { deploy: [local()] },
  cmd.single(script\`echo $$ >${pidFile}; exec sleep 300\`), cmd.single(["true"]));
export const quick = host("quick", { deploy: [local()] }, cmd.single(["true"]));
`),
  );
  const ended = await scratch.consfig("deploy", "--json", "--timeout", "5");
  const expected = { slow: "E_DEPLOYMENT_TIMEOUT", quick: "ok", exitCode: 3 };
  assert.deepEqual(summary(ended), expected);
  await gone([await pidIn(pidFile)]);
});

test("a server that comes up late is tried again as often as was said", {
  skip: missingServer(),
}, async (t) => {
  const lab = new Lab();
  t.after(() => lab.close());
  const key = lab.key();
  const server = await lab.sshd([], [lab.publicKey(key)]);
  const { configFile } = lab.options(server, key, lab.knownHosts(lab.hostLine(server)));
  const knownHosts = lab.path("known_hosts");
  // Turns away those who come early.
  let turnedAway = 0;
  const gate = createServer((socket) => {
    if (turnedAway++ < 2) {
      socket.destroy();
      return;
    }
    const through = connect(server.port, "127.0.0.1");
    for (const one of [socket, through]) one.on("error", () => {});
    socket.pipe(through).pipe(socket);
  });
  await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => gate.close(resolve)));
  const { port } = gate.address() as AddressInfo; // it listens
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    consfigOf(`
import { ssh } from "consfigurator/connections/ssh";
export const late = host("lab", { deploy: [ssh(${JSON.stringify({ configFile, port, knownHostsFiles: [knownHosts] })})] }, cmd.single(["true"]));
`),
  );
  const keyLine = `[127.0.0.1]:${port} ${server.publicHostKey("ed25519")}\n`;
  writeFileSync(knownHosts, keyLine);
  const ended = await scratch.consfig("deploy", "--json", "--retry", "2");
  assert.deepEqual(summary(ended), { lab: "ok", exitCode: 0 });
  assert.equal(ended.stdout.match(/"type":"retrying"/g)?.length, 2);
  turnedAway = 0;
  const given = await scratch.consfig("deploy", "--json", "--retry", "1");
  assert.equal(summary(given).exitCode, 4);
});
