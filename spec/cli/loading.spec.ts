import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { consfigOf, Scratch } from "./command.js";

describe("loading a consfig", () => {
  test("it is found from below, and import.meta tells of the file it is written in", async (t) => {
    const scratch = new Scratch(t);
    const checks = `
import { where } from "./lib/where.js";
const expected = ${JSON.stringify([scratch.path("lib"), scratch.path("lib/where.ts"), pathToFileURL(scratch.path("lib/where.ts")).href])};
if (JSON.stringify(where) !== JSON.stringify(expected)) throw new Error(JSON.stringify(where));
if (import.meta.filename !== ${JSON.stringify(scratch.path("consfig.ts"))}) throw new Error(import.meta.filename);
export const one = host("one");`;
    scratch.write("consfig.ts", consfigOf(checks));
    scratch.write(
      "lib/where.ts",
      "export const where = [import.meta.dirname, import.meta.filename, import.meta.url];",
    );
    const { code, stderr, stdout } = await scratch.start(["hosts"], {}, "lib").ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^one +- +posix +0$/m);
  });

  test("packages are part of it: ES modules, CommonJS that requires Node's own, JSON", async (t) => {
    const scratch = new Scratch(t);
    scratch.write(
      "node_modules/old/index.js",
      `const os = require("os"); exports.name = typeof os.hostname === "function" ? "old" : "";`,
    );
    scratch.write(
      "node_modules/new/package.json",
      `{ "name": "new", "type": "module", "exports": "./main.js" }`,
    );
    scratch.write(
      "node_modules/new/main.js",
      `export { host } from "consfigurator"; export const name = "new";`,
    );
    scratch.write("data.json", `{ "name": "json" }`);
    scratch.write(
      "consfig.mjs",
      `import { name as a } from "old"; import { host as theirs, name as b } from "new"; import data from "./data.json";
       import { host } from "consfigurator";
       if (theirs !== host) throw new Error("there are two of us");
       export const all = [a, b, data.name].map((name) => host(name));`,
    );
    const { code, stderr, stdout } = await scratch.consfig("hosts");
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout
        .split("\n")
        .slice(1, 4)
        .map((line) => line.split(" ")[0]),
      ["old", "new", "json"],
    );
  });

  test("a package that requires Node's own keeps no process from being forked", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("node_modules/old/index.js", `exports.name = require("os").hostname();`);
    scratch.write(
      "consfig.ts",
      consfigOf(`
import { name } from "old";
import { form } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import { z } from "zod";
export const tells = form("my.tells", { args: z.tuple([]), evaluate: () => typeof name });
`),
    );
    const { code, stdout, stderr } = await scratch.consfig("eval", "my.tells");
    assert.deepEqual([code, stdout.trim()], [0, '"string"'], stderr);
  });

  test("a property is not defined any more once it has loaded", async (t) => {
    const scratch = new Scratch(t);
    scratch.write(
      "late.ts",
      `import { posixProperty } from "consfigurator"; import { z } from "zod";
      export const late = posixProperty("late.one", { args: z.tuple([]), apply: async () => "unchanged" });`,
    );
    scratch.write(
      "consfig.ts",
      consfigOf(`
import { z } from "zod";
const lazy = posixProperty("lazy.loads", {
  args: z.tuple([]),
  async apply() { await import("./late.js"); return "changed"; },
});
export const one = host("one", { deploy: [local()] }, lazy());`),
    );
    const { code, stderr } = await scratch.consfig("deploy");
    assert.equal(code, 3);
    assert.match(
      stderr,
      /E_DEFINITION .*late\.one is defined too late, at late\.ts:2:\d+: the consfig has been loaded/,
    );
  });

  test("what is compiled is kept where nobody else can write", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfigOf(`export const one = host("one");`));
    for (let i = 0; i < 2; i++) assert.equal((await scratch.consfig("hosts")).code, 0);
    const cache = scratch.path(".cache/consfigurator/consfig");
    assert.equal(statSync(cache).mode & 0o777, 0o700);
    const files = readdirSync(cache);
    assert.equal(files.length, 1, "the same consfig, the same file");
    assert.equal(statSync(`${cache}/${files[0]}`).mode & 0o777, 0o600);
    const homeless = await scratch.start(["hosts"], { XDG_CACHE_HOME: "/dev/null" }).ended;
    assert.equal(homeless.code, 0, "an account without a cache has a temporary one");
    const nowhere = { XDG_CACHE_HOME: "/dev/null", TMPDIR: "/dev/null" };
    const { code, stderr } = await scratch.start(["hosts"], nowhere).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /E_USAGE .*no place for compiled consfigs[\s\S]*TMPDIR/);
  });
});
