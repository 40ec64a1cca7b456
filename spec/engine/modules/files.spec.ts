import assert from "node:assert/strict";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { loadModules } from "../../../engine/modules/load.js";
import type { ModuleSet } from "../../../engine/modules/moduleSet.js";
import { ModulesDirectory } from "../../../engine/modules/modulesDirectory.js";
import { keepModules, modulePath, pruneModules } from "../../../engine/modules/store.js";
import { consfigOf, Scratch } from "../../cli/command.js";
import { bundled, elsewhere, sent, valueElsewhere } from "./elsewhere.js";

const consfig = consfigOf(`
export const one = host("one", { deploy: [local()] }, file.hasContent("/x", "y"));`);

function namesByHash({ files }: ModuleSet): Map<string, string> {
  return new Map(files.map(({ hash, name }) => [hash, name]));
}

describe("module files", () => {
  test("a change of one line is a change of the consfig's own, small file", async (t) => {
    const scratch = new Scratch(t);
    const file = scratch.write("consfig.ts", consfig);
    const before = namesByHash(await bundled(scratch, file));
    const added = `import * as apt from "consfigurator/properties/apt"; export const more = apt.installed("x");`;
    scratch.write("consfig.ts", `${consfig.replace('"y"', '"z"')}\n${added}`);
    const after = await bundled(scratch, file);
    const changed = after.files.filter(({ hash }) => !before.has(hash));
    assert.deepEqual(changed.map(({ name }) => name).sort(), ["consfig", "manifest"]);
    for (const { bytes } of changed) assert.ok(bytes.length < 8000, `${bytes.length} bytes`);
  });

  test("the same sources are the same bytes, again and in another directory", async (t) => {
    const scratch = new Scratch(t);
    const sets: ModuleSet[] = [];
    for (const place of ["a", "a", "b/c"]) {
      scratch.write(`${place}/node_modules/dep/package.json`, `{ "version": "1.0.0" }`);
      scratch.write(`${place}/node_modules/dep/index.js`, `exports.here = __filename;`);
      scratch.write(`${place}/lib.ts`, `export const here = import.meta.url;`);
      const text = `${consfig}\nimport { here } from "dep"; import { here as own } from "./lib.js"; void [here, own];`;
      sets.push(await bundled(scratch, scratch.write(`${place}/consfig.ts`, text)));
    }
    const [first, second, moved] = sets.map((set) => set.files);
    assert.deepEqual(first, second);
    assert.deepEqual(first, moved);
    for (const { name, bytes } of first ?? []) {
      assert.ok(!Buffer.from(bytes).includes(scratch.directory), `${name} tells where it was made`);
    }
  });

  test("those of packages are ASCII, and an error's line in them can be printed", async (t) => {
    const scratch = new Scratch(t);
    const text = `${consfig}\nimport { sign } from "dep"; if (sign !== "→") throw new Error(sign);`;
    scratch.write("node_modules/dep/index.js", 'exports.sign = "→";');
    const set = await bundled(scratch, scratch.write("consfig.ts", text));
    const others = /^(consfig|manifest|loader)$|\.node$/;
    for (const { name, bytes } of set.files.filter(({ name }) => !others.test(name))) {
      assert.ok(
        bytes.every((byte) => byte < 0x80),
        name,
      );
      const lines = Buffer.from(bytes).toString("latin1").split("\n");
      const longest = Math.max(...lines.map((line) => line.length));
      assert.ok(longest < 20_000, `${name} has a line of ${longest}`);
    }
    sent(scratch, set);
    assert.equal(await valueElsewhere(scratch, set, "return loaded.exports.one.host;"), "one");
  });

  test("what was made of a package is used until the package changes", async (t) => {
    const scratch = new Scratch(t);
    const write = (version: string) => {
      scratch.write("node_modules/dep/package.json", `{ "version": "${version}" }`);
      scratch.write("node_modules/dep/index.js", `exports.version = "${version}";`);
      scratch.write("node_modules/user/package.json", `{ "version": "1.0.0" }`);
      scratch.write("node_modules/user/index.js", `exports.version = require("dep").version;`);
    };
    write("1.0.0");
    const text = `${consfig}\nimport { version } from "user"; export { version };`;
    const file = scratch.write("consfig.ts", text);
    const first = await bundled(scratch, file);
    assert.deepEqual(await bundled(scratch, file), first);
    write("1.0.10");
    const second = await bundled(scratch, file);
    sent(scratch, second);
    assert.equal(await valueElsewhere(scratch, second, "return loaded.exports.version;"), "1.0.10");
  });

  test("one that is missing, cut short or tampered with is one clear error", async (t) => {
    const scratch = new Scratch(t);
    const set = await bundled(scratch, scratch.write("consfig.ts", consfig));
    const directory = sent(scratch, set);
    const zod = set.files.find(({ name }) => name.startsWith("zod@"));
    assert.ok(zod);
    const file = modulePath(directory, zod.hash);
    const spoil: Record<string, () => void> = {
      missing: () => rmSync(file),
      short: () => writeFileSync(file, zod.bytes.subarray(0, 1000)),
      tampered: () => writeFileSync(file, Buffer.concat([zod.bytes, Buffer.from(" ")])),
    };
    for (const [how, work] of Object.entries(spoil)) {
      work();
      const { code, stderr } = await elsewhere(scratch, set);
      assert.equal(code, 1, how);
      assert.match(stderr, /BrokenModules: the modules of zod@\S+ (cannot be read|are not what)/);
      assert.throws(() => loadModules(new ModulesDirectory(directory), set.id), {
        code: "E_MODULES",
      });
      keepModules(directory, set.files);
      rmSync(file);
      keepModules(directory, set.files);
    }
    assert.equal((await elsewhere(scratch, set)).code, 0);
    assert.throws(() => loadModules(new ModulesDirectory(directory), zod.hash), {
      code: "E_MODULES",
    });
  });

  test("are for this account alone, and go when nobody has loaded them for long", async (t) => {
    const scratch = new Scratch(t);
    const set = await bundled(scratch, scratch.write("consfig.ts", consfig));
    const directory = sent(scratch, set);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    const names = readdirSync(directory);
    assert.equal(names.length, set.files.length);
    const long = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000);
    for (const name of names) {
      const file = path.join(directory, name);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      utimesSync(file, long, long);
    }
    const unused = path.join(directory, `${"0".repeat(64)}.cjs`);
    writeFileSync(unused, "");
    utimesSync(unused, long, long);
    assert.equal((await elsewhere(scratch, set)).code, 0);
    pruneModules(directory);
    assert.ok(!existsSync(unused));
    // All but the loader, which Node itself has read, and addons.
    const loaded = set.files.filter(({ name }) => name !== "loader" && !name.endsWith(".node"));
    assert.equal(readdirSync(directory).length, loaded.length);
  });

  test("their code is kept compiled; kept code that is not whole is left alone", async (t) => {
    const scratch = new Scratch(t);
    const set = await bundled(scratch, scratch.write("consfig.ts", consfig));
    const directory = sent(scratch, set);
    const codes = () => readdirSync(directory).filter((name) => name.endsWith(".code"));
    assert.equal((await elsewhere(scratch, set, "source.keepCode();")).code, 0);
    assert.equal(codes().length, 3, codes().join(" "));
    const whole = codes().map((name) => readFileSync(path.join(directory, name)));
    for (const name of codes()) writeFileSync(path.join(directory, name), "not compiled");
    assert.equal((await elsewhere(scratch, set, "source.keepCode();")).code, 0);
    for (const [i, name] of codes().entries()) {
      const size = statSync(path.join(directory, name)).size;
      assert.ok(size > (whole[i]?.length ?? 0) / 2, `${name} was made anew`);
    }
  });
});
