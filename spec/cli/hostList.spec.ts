/** Lists of hosts that are computed when they are needed. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { consfigOf, lineOf, Scratch } from "./command.js";

const withLists = (body: string) =>
  consfigOf(`
import { appendFileSync } from "node:fs";
import { form, hostsFrom, hopType, childStream, nodeProperty, type Host } from "consfigurator";
import { spawn } from "node:child_process";
import { z } from "zod";
void [appendFileSync, form, hostsFrom, hopType, childStream, nodeProperty, spawn, z];
const at = (name: string) => import.meta.dirname + "/" + name;
const later = (name: string) => new Promise<Host>((done) => setImmediate(() => done(host(name))));
void [at, later];
${body}`);

async function namesIn(scratch: Scratch): Promise<readonly string[]> {
  const { code, stdout, stderr } = await scratch.consfig("hosts", "--json");
  assert.equal(code, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).host);
}

describe("lists of hosts that a consfig computes", () => {
  test("of any sort, where they are exported", async (t) => {
    const scratch = new Scratch(t);
    const consfig = withLists(`
const shared = host("shared");
export const a = hostsFrom(() => [host("a1"), shared]);
export const b = { inside: [hostsFrom(async () => new Set([await later("b1")])), host("b2")] };
export const c = hostsFrom(async function* () { yield later("c1"); yield await later("c2"); });
export const d = shared;
export const e = hostsFrom(() => []);`);
    scratch.write("consfig.ts", consfig);
    const check = await scratch.consfig("check");
    assert.deepEqual([check.code, check.stderr], [0, ""]);
    assert.deepEqual(await namesIn(scratch), ["a1", "shared", "b1", "b2", "c1", "c2"]);
  });

  test("once a command, all at once, and only by what needs hosts", async (t) => {
    const scratch = new Scratch(t);
    const consfig = withLists(`
let begun = 0;
const compute = (name: string) => async () => {
  appendFileSync(at("computed"), name);
  if (++begun === 2) release();
  await released;
  return [host(name, { deploy: [local()] }, file.hasContent(at(name), "x"))];
};
let release = () => {};
const released = new Promise<void>((done) => { release = done; });
export const one = hostsFrom(compute("1"));
export const two = hostsFrom(compute("2"));
export const greet = form("app.greet", { args: z.tuple([]), evaluate: () => "hello" });`);
    scratch.write("consfig.ts", consfig);
    const evaluated = await scratch.consfig("eval", "app.greet");
    assert.equal(evaluated.code, 0, evaluated.stderr);
    assert.equal(existsSync(scratch.path("computed")), false);
    const deployed = await scratch.consfig("deploy", "[12]");
    assert.equal(deployed.code, 0, deployed.stderr);
    assert.match(deployed.stderr, /^2 of 2 hosts ok {2}2 changed/m);
    assert.equal(readFileSync(scratch.path("computed"), "utf8"), "12");
  });

  test("a Node image of such a host has the consfig's definitions and computes nothing", async (t) => {
    const scratch = new Scratch(t);
    const consfig = withLists(`
import { ansibleInventory } from "consfigurator/inventories/ansible";
const beside = hopType("spec.beside", {
  gives: "node",
  args: z.tuple([]),
  desc: () => "beside",
  image: () => ({
    start: async (words) => childStream(spawn(process.execPath, words, { stdio: "pipe", env: { HOME: at("home"), PATH: process.env.PATH } })),
  }),
});
const noted = nodeProperty<[name: string]>("spec.noted", {
  args: z.tuple([z.string()]),
  apply: async (_on, name) => { appendFileSync(name, String(process.ppid)); return "changed"; },
});
export const cloud = hostsFrom(async () => {
  appendFileSync(at("computed"), "1");
  const hosts = await ansibleInventory("./inventory.yml");
  return hosts.map(({ name }) => host(name, { deploy: [beside()] }, noted(at("noted"))));
});`);
    scratch.write("consfig.ts", consfig);
    scratch.write("home/.keep", "");
    scratch.write("inventory.yml", "all: { hosts: { there: } }");
    const { child, ended } = scratch.start(["deploy"]);
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(scratch.path("noted"), "utf8"), String(child.pid));
    assert.equal(readFileSync(scratch.path("computed"), "utf8"), "1");
  });

  for (const [what, line, expected] of [
    [
      "one that throws",
      `export const cloud = hostsFrom(async () => { throw new TypeError("no answer"); });`,
      /E_CONSFIG_INVALID {2}the hosts of cloud cannot be computed: TypeError: no answer\n.*consfig\.ts:LINE:/,
    ],
    [
      "one with a host that cannot be",
      `export const cloud = hostsFrom(async function* () { yield host("a b"); });`,
      /E_CONSFIG_INVALID {2}the hosts of cloud cannot be computed: .*no hostname\n.*consfig\.ts:LINE:[\s\S]*hint/,
    ],
    [
      "something that is no host",
      `export const cloud = { eu: hostsFrom(() => [host("one"), "two"] as never) };`,
      /cloud\.eu cannot be computed: cloud\.eu\[1\] is a value of the type string/,
    ],
    [
      "no list at all",
      `export const cloud = hostsFrom(async () => undefined as never);`,
      /the hosts of cloud cannot be computed: the function gives no list of hosts/,
    ],
    [
      "two hosts of one name",
      `export const a = hostsFrom(() => [host("one")]); export const b = [hostsFrom(() => [host("one")])];`,
      /exports two hosts called one: a\[0\] and b\[0\]\[0\]/,
    ],
    [
      "a property that is defined in it",
      `export const cloud = hostsFrom(() => [host("a", posixProperty("spec.late", { args: z.tuple([]), apply: async () => "unchanged" })())]);`,
      /the hosts of cloud cannot be computed: .*spec\.late is defined/,
    ],
    [
      "one that never ends",
      `export const a = hostsFrom(() => []); export const cloud = hostsFrom(() => new Promise(() => {}));`,
      /E_CONSFIG_INVALID {2}the consfig waits for the list of hosts cloud that never comes\n/,
    ],
    [
      "lists without hosts",
      `export const a = hostsFrom(() => []);`,
      /exports no host: there is none in a/,
    ],
    [
      "no function",
      `export const a = hostsFrom([host("a")] as never);`,
      /E_ARGUMENT {2}hostsFrom takes a function/,
    ],
  ] as const) {
    test(`${what} is told`, async (t) => {
      const scratch = new Scratch(t);
      const consfig = withLists(line);
      scratch.write("consfig.ts", consfig);
      const { code, stderr } = await scratch.consfig("hosts");
      assert.equal(code, 1, stderr);
      const pattern = expected.source.replace("LINE", String(lineOf(consfig, line)));
      assert.match(stderr, new RegExp(pattern));
    });
  }
});
