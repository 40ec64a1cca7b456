import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Scratch } from "./command.js";

describe("consfig init", () => {
  test("what it makes can be checked, listed, shown and deployed as it stands", async (t) => {
    const scratch = new Scratch(t);
    const made = await scratch.consfig("init", "servers");
    assert.equal(made.code, 0, made.stderr);
    const manifest = JSON.parse(readFileSync(scratch.path("servers", "package.json"), "utf8"));
    const [, from = ""] = /^file:(.*)$/.exec(manifest.dependencies.consfigurator) ?? [];
    const ours = fileURLToPath(new URL("../../../package.json", import.meta.url));
    assert.equal(path.join(scratch.path("servers"), from, "package.json"), ours);
    const within = (...words: string[]) => scratch.start(words, {}, "servers").ended;

    const check = await within("check");
    assert.deepEqual([check.code, check.stderr], [0, ""]);
    assert.match(check.stdout, /^1 host, no problems found\n$/);

    const hosts = await within("hosts");
    assert.match(hosts.stdout, /^localhost +local +posix +1$/m);

    const show = await within("show", "localhost");
    assert.match(show.stdout, /file\.hasContent ".*consfigurator\.txt".*consfig\.ts:\d+:\d+/);
    assert.match(show.stdout, /hostattrs\n {2}hostname {2}"localhost"/);

    const wire = JSON.parse((await within("show", "localhost", "--json")).stdout);
    assert.equal(wire.name, "localhost");
    assert.equal(wire.propspec.props[0].property, "file.hasContent");

    const first = await within("deploy");
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /1 changed/);
    assert.match(readFileSync(scratch.path("consfigurator.txt"), "utf8"), /consfig\.ts/);
    const second = await within("deploy");
    assert.equal(second.code, 0);
    assert.match(second.stderr, /0 changed {2}1 unchanged/);
  });

  test("what is there stays as it is", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", "mine");
    const { code, stdout } = await scratch.consfig("init");
    assert.equal(code, 0);
    assert.match(stdout, /^kept +consfig\.ts$/m);
    assert.match(stdout, /^created +tsconfig\.json$/m);
    assert.equal(readFileSync(scratch.path("consfig.ts"), "utf8"), "mine");
    const nowhere = await scratch.consfig("init", "consfig.ts");
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /^E_USAGE {2}no consfig can be started in consfig\.ts: EEXIST/);
  });
});
