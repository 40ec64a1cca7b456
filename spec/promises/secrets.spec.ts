/**
 * A secret that a property requires is in the process that needs it, in its host's cache and where
 * the property puts it: found out by looking everywhere while a deployment stands still.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type Running, Scratch } from "../cli/command.js";
import { busyboxTree, removeTree } from "../connections/helpers/trees.js";
import { Place } from "../connections/node/place.js";
import { family, until } from "../helpers/processes.js";
import { testbedUnavailable } from "../testbed/index.js";
import {
  filesWith,
  inMemory,
  namesIn,
  ownNumber,
  processesLike,
  programOf,
  shownBy,
} from "./scan.js";

const random = () => randomBytes(20).toString("hex");

/** By what they are called below. */
const secrets = {
  own: random(),
  inner: random(),
  second: random(),
  short: random(),
  long: random(),
  password: random(),
};
/** In the consfig itself: every process that has loaded it has this. */
const inCode = random();
const needles = { ...secrets, inCode };
/** Seen by everybody, to show that what can be seen is found. */
const control = { inArgv: random(), inEnviron: random() };

const consfig = (sshConfig: string, localTree: string) => `
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { concurrently, deploys, host, nodeProperty, posixProperty, registerDataSource } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import { local } from "consfigurator/connections/local";
import { node } from "consfigurator/connections/node";
import { setuid } from "consfigurator/connections/setuid";
import { ssh } from "consfigurator/connections/ssh";
import { sudo } from "consfigurator/connections/sudo";
import { filesTree } from "consfigurator/data/filesTree";
import * as file from "consfigurator/properties/file";
import { z } from "zod";

registerDataSource(filesTree("data"));
const inCode = ["${inCode.slice(0, 10)}", "${inCode.slice(10)}"].join("");

/** Stands still until there is a file, with all it knows. */
async function standStill(go: string): Promise<void> {
  for (const end = Date.now() + 120_000; !existsSync(go) && Date.now() < end; ) await sleep(50);
}
const waits = nodeProperty<[role: string, go: string]>("promise.waits", {
  args: z.tuple([z.string(), z.string()]),
  apply: async (on, role, go) => {
    on.inform(\`\${role} is \${process.pid}\`);
    on.inform(\`ready \${role}.\`);
    await standStill(go);
    return inCode.length > 0 ? "unchanged" : "changed";
  },
});
/** The same, with a secret that it needs. */
const holds = nodeProperty<[item: string, go: string]>("promise.holds", {
  args: z.tuple([z.string(), z.string()]),
  hostattrs: (attrs, item) => attrs.requireData("_promise", item),
  apply: async (on, item, go) => {
    const secret = (await on.data("_promise", item)).asSecret();
    on.inform(\`\${item} is \${process.pid}\`);
    on.inform(\`ready \${item}.\`);
    await standStill(go);
    return secret.reveal().length + inCode.length > 0 ? "unchanged" : "changed";
  },
});

/** A command reads it, while all stands still. */
const feeds = posixProperty<[item: string]>("promise.feeds", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, item) => attrs.requireData("_promise", item),
  apply: async (on, item) => {
    const stdin = (await on.data("_promise", item)).asSecret();
    const text = "touch /run/$1; while [ ! -e /run/go ]; do sleep 0.1; done; wc -c";
    await on.run(["sh", "-c", text, "sh", item], { stdin });
    return "unchanged";
  },
});

const to = (user: string, host?: string) => ssh({ user, ...(host ? { host } : {}), configFile: ${JSON.stringify(sshConfig)} });
export const h01 = host("h01", { deploy: [to("alice"), sudo({ passwordOf: "alice" }), node()] },
  file.secretUploaded("_promise", "own", "/etc/own.key"),
  concurrently(
    holds("own", "/run/go"),
    deploys([chroot("/srv/ignorant")], host("ignorant", waits("inChroot", "/run/go"))),
    deploys([setuid("admin")], host("user", waits("asUser", "/run/go"))),
    deploys([chroot("/srv/asking")], host("asking",
      file.secretUploaded("_promise", "inner", "/root/inner.key"), holds("inner", "/run/go"))),
  ),
);
export const h02 = host("h02", { deploy: [to("root"), node()] },
  file.secretUploaded("_promise", "second", "/etc/second.key"),
  holds("second", "/run/go"),
);
export const shell = host("shell", { deploy: [to("admin", "h02"), sudo()] },
  concurrently(feeds("short"), feeds("long")));
export const here = host("here", { deploy: [local()] },
  deploys([chroot(${JSON.stringify(localTree)})], host("tree", waits("here", "/root/go"))));
`;

/** Everybody who tells that it stands still, and what it is to know. */
const knowers = {
  own: ["own", "inner", "inCode"], // what others inside need passes through the image
  inChroot: ["inCode"],
  asUser: ["inCode"],
  inner: ["inner", "inCode"],
  second: ["second", "inCode"],
  here: ["inCode"],
} as const;
type Role = keyof typeof knowers;

const cacheOf = "/root/.cache/consfigurator/data";
const trees = ["/srv/ignorant", "/srv/asking"];
const passwd = "root:x:0:0:root:/root:/bin/sh";

describe("a secret", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let scratch: Scratch;
  const ends: (() => void)[] = [];
  let localTree: string;
  let running: Running;
  /** By what stands still: its number on this machine. */
  let standing: Readonly<Record<Role, number>>;

  before(async () => {
    place = await Place.open(2);
    for (const index of [0, 1]) place.installNode(index);
    await onHost(0, "chpasswd", `alice:${secrets.password}\n`);
    const empty = ["proc", "sys", "dev", "tmp", "run"].map((name) => [name, {}]);
    const files = { "etc/passwd": passwd, "root/a": "" };
    localTree = busyboxTree({ ...files, ...Object.fromEntries(empty) });
    for (const tree of trees) {
      const copy = path.join(place.bed.host(0).root, tree);
      cpSync(localTree, copy, { recursive: true, verbatimSymlinks: true });
    }
    scratch = new Scratch({ after: (end) => ends.push(end) });
    scratch.write("consfig.ts", consfig(place.bed.sshConfigFile, localTree));
    for (const [item, secret] of Object.entries(secrets)) {
      const more = item === "long" ? "and so on\n".repeat(10_000) : "";
      if (item !== "password") scratch.write(`data/_promise/${item}`, `${secret}\n${more}`);
    }
    scratch.write("data/--user-passwd--h01/alice", secrets.password);
    running = scratch.start(["deploy", "-vvv"]);
    standing = await untilStanding();
    const { root } = place.bed.host(1);
    const isFed = (item: string) => existsSync(path.join(root, "run", item));
    await until(() => isFed("short") && isFed("long"), "reading secrets", 30_000);
  });
  after(async () => {
    running?.child.kill("SIGKILL");
    await running?.ended;
    await place?.close();
    if (localTree) removeTree(localTree);
    for (const end of ends) end();
  });

  async function onHost(index: number, command: string, input = ""): Promise<string> {
    const { stdout, stderr, code } = await place.bed.host(index).shell(command, { input });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** What the processes of both hosts and of this command are called here. */
  const everybody = () => [...new Set([...onHosts(), ...family(rootPid()).map(({ pid }) => pid)])];
  const onHosts = () => [0, 1].flatMap((index) => processesLike(place.bed.host(index).pid));
  const rootPid = () => running.child.pid ?? 0;

  async function untilStanding(): Promise<Readonly<Record<Role, number>>> {
    const entries = Object.keys(knowers).map(async (role) => {
      const told = await running.printed(`ready ${role}.`);
      const own = Number(new RegExp(`\\b${role} is (\\d+)\n`).exec(told)?.[1]);
      const host = role === "second" ? 1 : 0;
      const like = role === "here" ? [own] : processesLike(place.bed.host(host).pid);
      return [role, like.find((pid) => ownNumber(pid) === own) ?? 0];
    });
    return Object.fromEntries(await Promise.all(entries)) as Record<Role, number>;
  }

  test("is in no arguments and no environment", async () => {
    const text = `while [ ! -e /run/go ]; do sleep 0.2; done; : ${control.inArgv}`;
    await onHost(0, `A=${control.inEnviron} setsid sh -c '${text}' >/dev/null 2>&1 &`);
    const shown = everybody().flatMap((pid) => shownBy(pid, { ...secrets, ...control }));
    assert.deepEqual([...new Set(shown)].toSorted(), ["argv inArgv", "environ inEnviron"]);
  });

  test("is in the memory of what needs it, and of no zygote and no other grandchild", () => {
    for (const [role, expected] of Object.entries(knowers)) {
      const found = inMemory(standing[role as Role], needles);
      assert.deepEqual(found, expected.toSorted(), role);
    }
    assert.deepEqual(inMemory(rootPid(), needles), Object.keys(needles).toSorted());
    const known = [...Object.values(standing), rootPid()];
    const copies = everybody().filter((pid) => programOf(pid) === "node" && !known.includes(pid));
    // One on each host, one in each grandchild, one here.
    assert.ok(copies.length >= 7, `${copies.length} zygotes`);
    for (const pid of copies) assert.deepEqual(inMemory(pid, needles), ["inCode"], `zygote ${pid}`);
  });

  test("of sudo is on the host only in what passes the stream on", () => {
    const found = onHosts().filter((pid) => inMemory(pid, needles).includes("password"));
    const others = found.map(programOf).filter((program) => !/^(sshd|sudo)/.test(program ?? ""));
    assert.deepEqual(others, []);
  });

  test("is in its host's cache and where it is put, and in no other file", async () => {
    await assertFiles();
  });

  async function assertFiles(): Promise<void> {
    const nowhere = { own: [], inner: [], second: [], short: [], long: [], password: [] };
    const kept = (item: string) => `${cacheOf}/_5F_promise/${item}/VERSION`;
    assert.deepEqual(await filesOn(0), {
      ...nowhere,
      own: ["/etc/own.key", kept("own")],
      inner: [kept("inner"), "/srv/asking/root/inner.key"],
    });
    assert.deepEqual(await filesOn(1), { ...nowhere, second: ["/etc/second.key", kept("second")] });
  }

  async function filesOn(index: number): Promise<Record<string, readonly string[]>> {
    const found = await filesWith(place.bed.host(index).root, secrets);
    const named = (files: readonly string[]) =>
      files.map((file) => (file.startsWith(cacheOf) ? file.replace(/[^/]+$/, "VERSION") : file));
    return Object.fromEntries(Object.entries(found).map(([name, files]) => [name, named(files)]));
  }

  test("can be read there by its account alone", async () => {
    for (const index of [0, 1]) {
      const listed = await onHost(index, `find ${path.dirname(cacheOf)} -printf '%y %m %u\\n'`);
      const kinds = new Set(listed.trim().split("\n"));
      assert.deepEqual([...kinds].toSorted(), ["d 700 root", "f 600 root"]);
    }
    const keys = "/etc/own.key /srv/asking/root/inner.key";
    assert.equal(await onHost(0, `stat -c '%a %U' ${keys}`), "600 root\n600 root\n");
  });

  test("stays on this machine where its source has it", async () => {
    const at = (...parts: string[]) => [scratch.path("data", ...parts).slice(tmpdir().length)];
    assert.deepEqual(await filesWith(tmpdir(), secrets), {
      own: at("_promise", "own"),
      inner: at("_promise", "inner"),
      second: at("_promise", "second"),
      short: at("_promise", "short"),
      long: at("_promise", "long"),
      password: at("--user-passwd--h01", "alice"),
    });
  });

  test("is in nothing that is told, and in no more files when all is over", async () => {
    for (const index of [0, 1]) await onHost(index, ": >/run/go");
    writeFileSync(path.join(localTree, "root/go"), "");
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /writes \/etc\/own\.key/);
    assert.deepEqual(namesIn(stdout + stderr, secrets), []);
    await assertFiles();
    assert.equal(await onHost(0, "ls -A /tmp"), "");
  });
});
