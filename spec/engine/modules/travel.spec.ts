import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { InvalidConsfig, isError, isHost, prepareHost } from "../../../engine/index.js";
import { loadModules } from "../../../engine/modules/load.js";
import { ModulesDirectory } from "../../../engine/modules/modulesDirectory.js";
import { aroundUs } from "../../../engine/modules/running.js";
import { addonFile } from "../../../zygote/native.js";
import { consfigOf, lineOf, Scratch } from "../../cli/command.js";
import { bundled, elsewhere, sent, valueElsewhere } from "./elsewhere.js";

const consfig = consfigOf(`
import { z } from "zod";
export const greets = posixProperty("travelSpec.greets", {
  args: z.tuple([z.string()]),
  apply: async () => "unchanged",
});
export const one = host("one", { deploy: [local()] }, greets("hello"), file.hasContent("/x", "y"));
export const breaks = () => {
  throw new Error("it broke");
};`);

describe("a consfig's modules", () => {
  test("load in a Node that has no package, all defined once, and start no thread", async (t) => {
    const scratch = new Scratch(t);
    const set = await bundled(scratch, scratch.write("consfig.ts", consfig));
    const directory = sent(scratch, set);
    const { exports } = loadModules(new ModulesDirectory(directory), set.id, await aroundUs(set));
    assert.ok(isHost(exports.one), "the root process's engine is the running one");
    const prepared = prepareHost(exports.one);

    const there = await valueElsewhere(
      scratch,
      set,
      `const threads = require("node:fs").readdirSync("/proc/self/task").length;
       const engine = loaded.require("consfigurator/engine/index.js");
       const zygote = loaded.require("consfigurator/zygote/index.js");
       let hint;
       try { zygote.evaluateForm({ form: "none", args: [] }); } catch (error) { hint = error.hint; }
       return {
         threads, hint,
         ids: engine.propertyIds(),
         prepared: engine.prepareHost(loaded.exports.one),
         arrived: engine.preparedFromWire(${JSON.stringify(prepared)}),
       };`,
    );
    const found = there as {
      threads: number;
      hint: string;
      ids: string[];
      prepared: unknown;
      arrived: unknown;
    };
    assert.equal(found.threads, 4, "Node's own, and none of libuv's pool");
    assert.match(found.hint, /known: .*zygote\.\w+/);
    assert.equal(found.ids.filter((id) => id === "travelSpec.greets").length, 1);
    assert.deepEqual(JSON.parse(JSON.stringify(prepared)), found.arrived);
    const line = lineOf(consfig, "export const one");
    assert.match(JSON.stringify(found.prepared), new RegExp(`"at":"[^"]*consfig\\.ts:${line}:`));
  });

  test("are its packages and files too, of every kind", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("node_modules/old/package.json", `{ "version": "1.2.3" }`);
    scratch.write(
      "node_modules/old/index.js",
      `"use strict"; const os = require("os"), path = require("path");
       module.exports = class Old {}; module.exports.base = path.basename(__dirname) + typeof os.hostname;`,
    );
    scratch.write(
      "node_modules/@new/er/package.json",
      `{ "name": "@new/er", "version": "2.0.0", "type": "module", "exports": { "./main": "./main.js" } }`,
    );
    scratch.write(
      "node_modules/@new/er/main.js",
      `import old from "old"; import { host } from "consfigurator";
       export default function newer() { return old.base; }; export { host as theirs };`,
    );
    scratch.write("data.json", `{ "name": "json" }`);
    scratch.write("lib/later.ts", `export const later: string = "later";`);
    scratch.write("lib/where.ts", `export const where = [import.meta.url, import.meta.dirname];`);
    scratch.write(
      "consfig.mts",
      `import Old, { base } from "old";
       import newer, { theirs } from "@new/er/main";
       import { readFileSync } from "node:fs";
       import { host } from "consfigurator";
       import data from "./data.json" with { type: "json" };
       import { where } from "./lib/where.js";
       export const all = [
         newer(), base, new Old().constructor === Old, theirs === host, data.name, where,
         typeof readFileSync,
       ];
       export const loadLater = async () => (await import("./lib/later.js")).later;`,
    );
    const set = await bundled(scratch, scratch.path("consfig.mts"));
    const names = set.files.map(({ name }) => name);
    assert.ok(names.includes("old@1.2.3") && names.includes("@new/er@2.0.0"), names.join(" "));
    sent(scratch, set);
    const common = ["oldfunction", "oldfunction", true, true, "json"];
    const body = "return [loaded.exports.all, await loaded.exports.loadLater()];";
    assert.deepEqual(await valueElsewhere(scratch, set, body), [
      [
        "old@1.2.3function",
        "old@1.2.3function",
        ...common.slice(2),
        ["file:///consfig/lib/where.ts", "/consfig/lib"],
        "function",
      ],
      "later",
    ]);
    const here = loadModules(
      new ModulesDirectory(scratch.path("host/modules")),
      set.id,
      await aroundUs(set),
    );
    const lib = scratch.path("lib");
    const where = [`file://${lib}/where.ts`, lib];
    assert.deepEqual(here.exports.all, [...common, where, "function"]);
  });

  test("bring the addon, so that a zygote is forked there", async (t) => {
    const scratch = new Scratch(t);
    const set = await bundled(scratch, scratch.write("consfig.ts", consfig));
    if (!set.files.some(({ name }) => name.endsWith(addonFile()))) return t.skip("no addon built");
    sent(scratch, set);
    const body = `
      const { startZygote, evalInGrandchild } = loaded.require("consfigurator/zygote/index.js");
      const zygote = await startZygote();
      const form = { form: "zygote.echo", args: ["from a grandchild"] };
      const { value } = await evalInGrandchild(null, form);
      await zygote.close();
      return value;`;
    assert.equal(await valueElsewhere(scratch, set, body), "from a grandchild");
  });

  test("tell in errors which line of the sources it was", async (t) => {
    const scratch = new Scratch(t);
    const set = await bundled(scratch, scratch.write("consfig.ts", consfig));
    sent(scratch, set);
    const line = lineOf(consfig, "it broke");
    const { stderr, code } = await elsewhere(scratch, set, "loaded.exports.breaks();");
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`breaks \\(/consfig/consfig\\.ts:${line}:\\d+\\)`));

    const text = consfigOf(`const make = () =>
      posixProperty("travelSpec.inside", { args: undefined, apply: async () => "unchanged" });
      make();`);
    const wrong = await bundled(scratch, scratch.write("wrong.ts", text));
    sent(scratch, wrong);
    const refused = await elsewhere(scratch, wrong);
    const at = lineOf(text, "travelSpec.inside");
    assert.match(refused.stderr, new RegExp(`inside a function, at \\S*consfig/wrong\\.ts:${at}:`));
  });

  test("cannot wait at their top level, and what does not compile is told with its place", async (t) => {
    const scratch = new Scratch(t);
    const file = scratch.write("consfig.ts", `\nexport const one = await Promise.resolve(1);`);
    await assert.rejects(bundled(scratch, file), (error) => {
      assert.ok(isError(error, InvalidConsfig));
      assert.equal(error.facts.at, `${path.relative("", file)}:2:20`);
      assert.match(JSON.stringify(error.facts.problems), /cannot wait at its top level/);
      return true;
    });
  });

  test("lack what only the root process has, which is one clear error", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("node_modules/nat/index.js", `exports.get = () => require("./build/nat.node");`);
    scratch.write("node_modules/nat/build/nat.node", "");
    scratch.write(
      "consfig.ts",
      consfigOf(`import { get } from "nat"; import { ssh } from "consfigurator/connections/ssh";
        export const one = host("one", { deploy: [ssh()] }); export { get };`),
    );
    const set = await bundled(scratch, scratch.path("consfig.ts"));
    const { files } = set;
    const all = files.map(({ bytes }) => Buffer.from(bytes).toString()).join("");
    assert.ok(!files.some(({ name }) => /ssh2|esbuild|chalk|commander/.test(name)));
    assert.ok(all.includes('require("ssh2")'));
    sent(scratch, set);
    for (const call of ["loaded.exports.get()", `loaded.require("ssh2")`]) {
      const body = `try { ${call} } catch ({ code, message, hint }) { return { code, message, hint }; }`;
      const error = (await valueElsewhere(scratch, set, body)) as Record<string, string>;
      assert.equal(error.code, "E_MODULE_NOT_HERE");
      assert.match(String(error.message), /(ssh2|nat@0\/build\/nat\.node)" does not travel/);
      assert.ok(error.hint);
    }
  });
});
