/** Executables are made, run, made again, and made of each other. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Scratch } from "../cli/command.js";

const consfig = (directory: string) => `
import { execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { described, evalInGrandchild, form, host, isGrandchild, keepGoing, silently } from "consfigurator";
import { local } from "consfigurator/connections/local";
import * as file from "consfigurator/properties/file";
import * as image from "consfigurator/properties/image";
import { z } from "zod";

const none = z.tuple([]);
export const pid = form("my.pid", { args: none, evaluate: () => [process.pid, isGrandchild()] });
export const tells = form("my.tells", {
  args: z.tuple([z.string()]),
  evaluate: async (text) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const { argv, env, title } = process;
    const random = [Math.random(), crypto.randomUUID()];
    console.log(JSON.stringify({ text, argv: argv.slice(2), cwd: process.cwd(), env: Object.keys(env), random, title, pid: process.pid }));
  },
});
export const forks = form("my.forks", {
  args: none,
  evaluate: async () => {
    const all = await Promise.all([1, 2, 3].map(() => evalInGrandchild(null, pid())));
    console.log(JSON.stringify({ own: process.pid, all: all.map(({ value }) => value) }));
  },
});
export const ends = form("my.ends", {
  args: z.tuple([z.string()]),
  evaluate: async (how) => {
    if (how === "throws") throw new RangeError("it went wrong");
    if (how === "code") process.exitCode = 5;
    if (how === "exits") process.exit(6);
    if (how === "uncaught") setTimeout(() => { throw new Error("nobody caught it"); }, 1);
    if (how === "prints") console.log("x".repeat(3_000_000));
  },
});
/** Each start of the program adds a word to the file; the third one goes no further. */
export const starts = form("my.starts", {
  args: none,
  evaluate: async () => {
    const [file, way, count] = [process.env.STARTS, process.env.WAY, Number(process.env.COUNT ?? "0")];
    appendFileSync(file, "started ");
    if (count > 1) return;
    const env = { ...process.env, COUNT: String(count + 1) };
    const ways = {
      fork: () => fork("/tmp/module.js", { env }),
      spawn: () => spawn(process.execPath, ["-e", "0"], { env }),
      bare: () => spawn(process.execPath, { env }),
      detached: () => spawn(process.execPath, ["-e", "0"], { env, detached: true }),
      file: () => execFileSync(process.execPath, ["-e", "0"], { env }),
      sync: () => spawnSync(process.execPath, ["-e", "0"], { env }),
      shell: () => spawn("exec " + process.execPath, { env, shell: true }),
    };
    try {
      const child = ways[way]();
      if (child.on) await new Promise((resolve) => child.on("exit", (code) => { console.log("code", code); resolve(); }));
    } catch (error) {
      console.log(error.code);
    }
  },
});
export const serves = form("my.serves", {
  args: none,
  evaluate: () => {
    const server = createServer((_request, response) => response.end("hello"));
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));
    process.once("SIGTERM", () => server.close());
  },
});
const at = (name) => ${JSON.stringify(directory)} + "/" + name;
const deploy = [local()];
export const tell = host("tell", { deploy }, image.dumped(at("tell"), tells(process.env.TEXT ?? "one")));
export const start = host("start", { deploy }, image.dumped(at("start"), starts()));
export const forked = host("fork", { deploy }, image.dumped(at("fork"), forks()));
export const throws = host("throws", { deploy }, image.dumped(at("throws"), ends("throws")));
export const code = host("code", { deploy }, image.dumped(at("code"), ends("code")));
export const exits = host("exits", { deploy }, image.dumped(at("exits"), ends("exits")));
export const uncaught = host("uncaught", { deploy }, image.dumped(at("uncaught"), ends("uncaught")));
export const prints = host("prints", { deploy }, image.dumped(at("prints"), ends("prints")));
export const serve = host("serve", { deploy }, image.dumped(at("serve"), serves(), { mode: 0o750 }));
export const whole = host("whole", { deploy },
  file.hasContent(at("made"), "x"),
  image.dumped(at("latest")),
  image.dumped(at("other"), tells("other")),
  described("a group", keepGoing(silently(file.hasMode(at("neither"), 0o600)))),
  file.hasMode(at("no-such"), 0o600),
);
`;

describe("an executable", () => {
  let scratch: Scratch;
  const ends: (() => void)[] = [];
  const directory = mkdtempSync(path.join(tmpdir(), "dumped-"));
  const at = (name: string) => path.join(directory, name);

  before(() => {
    scratch = new Scratch({ after: (end) => ends.push(end) });
    scratch.write("consfig.ts", consfig(directory));
  });
  after(() => {
    for (const end of ends) end();
    rmSync(directory, { recursive: true });
  });

  const dump = async (name: string, env = {}) => {
    const { code, stderr } = await scratch.start(["deploy", name], env).ended;
    assert.equal(code, 0, stderr);
    return /(\d+) changed/.exec(stderr)?.[1] !== "0";
  };
  const run = (name: string, words: readonly string[] = []) =>
    spawnSync(at(name), words, {
      encoding: "utf8",
      cwd: "/",
      env: { ONE: "1" },
      maxBuffer: 2 ** 24,
    });

  test("evaluates its form, in a process that begins anew", async () => {
    assert.ok(await dump("tell"));
    assert.equal(statSync(at("tell")).mode & 0o7777, 0o755);
    const [first, second] = [run("tell", ["--version", "b"]), run("tell")].map((one) => {
      assert.equal(one.stderr, "");
      assert.equal(one.status, 0);
      return JSON.parse(one.stdout) as { random: unknown[]; pid: number } & Record<string, unknown>;
    });
    assert.deepEqual(first?.argv, ["--version", "b"]);
    assert.equal(first?.text, "one");
    assert.equal(first?.cwd, "/");
    assert.deepEqual(first?.env, ["ONE"]);
    assert.notEqual(first?.random[0], second?.random[0]);
    assert.notEqual(first?.random[1], second?.random[1]);
    assert.ok(Number(first?.pid) > 1);
  });

  test("does not start itself as if it were Node, whatever the way", async () => {
    await dump("start");
    const ways = ["fork", "spawn", "bare", "detached", "file", "sync", "shell"];
    const told = ways.map((way) => {
      const started = at(`started-${way}`);
      const env = { STARTS: started, WAY: way, PATH: process.env.PATH };
      const { stdout } = spawnSync(at("start"), [], { encoding: "utf8", env, timeout: 20_000 });
      const starts = readFileSync(started, "utf8").trim();
      unlinkSync(started);
      return [way, stdout.trim(), starts];
    });
    unlinkSync(at("start"));
    const refused = ways.map((way) => [way, way === "shell" ? "code 1" : "E_NO_NODE", "started"]);
    assert.deepEqual(told, refused);
  });

  test("is left alone when it is made of the same, whole and as accessible as it should be", async () => {
    const before = statSync(at("tell"));
    assert.ok(!(await dump("tell")));
    assert.equal(statSync(at("tell")).ino, before.ino);
    assert.ok(await dump("tell", { TEXT: "two" }));
    assert.equal(JSON.parse(run("tell").stdout).text, "two");
    const fd = openSync(at("tell"), "r+");
    writeSync(fd, "rot", 50_000_000);
    closeSync(fd);
    assert.ok(await dump("tell", { TEXT: "two" }));
    assert.equal(run("tell").status, 0);
    assert.deepEqual(readdirSync(directory), ["tell"], "nothing is left beside it");
  });

  test("forks", async () => {
    await dump("fork");
    const { stdout, stderr } = run("fork");
    assert.equal(stderr, "");
    const { own, all } = JSON.parse(stdout) as { own: number; all: [number, boolean][] };
    assert.equal(new Set([own, ...all.map(([pid]) => pid)]).size, 4);
    assert.ok(all.every(([, isGrandchild]) => isGrandchild));
  });

  const endings: [name: string, status: number, stderr: RegExp][] = [
    ["throws", 1, /RangeError: it went wrong/],
    ["code", 5, /^$/],
    ["exits", 6, /^$/],
    ["uncaught", 1, /Error: nobody caught it/],
    ["prints", 0, /^$/],
  ];
  for (const [name, status, stderr] of endings) {
    test(`whose form ${name}`, async () => {
      await dump(name);
      const ended = run(name);
      assert.equal(ended.status, status, ended.stderr);
      assert.match(ended.stderr, stderr);
      if (name === "prints") assert.equal(ended.stdout.length, 3_000_001);
      unlinkSync(at(name));
    });
  }

  test("that serves goes on until it is told to end, also when it is replaced", async () => {
    await dump("serve");
    assert.equal(statSync(at("serve")).mode & 0o7777, 0o750);
    const child = spawn(at("serve"), { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const url = `http://127.0.0.1:${Number(port)}/`;
    assert.equal(await (await fetch(url)).text(), "hello");
    const replaced = consfig(directory).replace('"hello"', '"hi"');
    scratch.write("consfig.ts", replaced);
    assert.ok(await dump("serve"));
    scratch.write("consfig.ts", consfig(directory));
    assert.equal(await (await fetch(url)).text(), "hello");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  test("applies the host's properties, and leaves alone what it runs from; others it makes", async () => {
    const { code, stderr } = await scratch.start(["deploy", "whole"]).ended;
    assert.equal(code, 3, stderr);
    const latest = readFileSync(at("latest"));
    unlinkSync(at("made"));
    unlinkSync(at("other"));
    const { status, stdout, stderr: told } = run("latest");
    assert.equal(status, 3);
    const [first, second, ...rest] = stdout.split("\n");
    assert.match(first ?? "", /^whole {2}changed {2}.*made has its content$/);
    assert.match(second ?? "", /^whole {2}changed {2}.*other evaluates my\.tells$/);
    assert.deepEqual(rest, [""]);
    assert.match(told, /^whole {2}failed {2}.*no-such/m);
    const failures = told.match(/^whole {2}failed {2}.*$/gm) ?? [];
    assert.deepEqual([failures.length, /neither/.test(failures[0] ?? "")], [2, true], told);
    assert.equal(readFileSync(at("made"), "utf8"), "x\n");
    assert.ok(readFileSync(at("latest")).equals(latest));
    assert.equal(run("latest").stdout, "");
  });
});
