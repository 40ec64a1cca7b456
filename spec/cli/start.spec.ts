import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { consfigOf, main, Scratch } from "./command.js";

const packageDirectory = path.resolve(path.dirname(main), "../../..");

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The files of this package and of its packages that a command has loaded, in all its processes. */
async function loadedBy(scratch: Scratch, words: readonly string[]): Promise<readonly string[]> {
  const directory = scratch.path("coverage");
  const { code, stderr } = await scratch.start(words, { NODE_V8_COVERAGE: directory }).ended;
  assert.equal(code, 0, stderr);
  const urls = readdirSync(directory).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(path.join(directory, name), "utf8")) as Coverage;
    return result.map(({ url }) => url.replace(/\?.*/, ""));
  });
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  return [...new Set(files)].filter((file) => file.startsWith(packageDirectory));
}

describe("the command starts fast", () => {
  const consfig = consfigOf(`
import { z } from "zod";
import * as apt from "consfigurator/properties/apt";
void apt.installed;
if (!(z.string() instanceof z.ZodType)) throw new Error("no zod");
export const one = host("one", { deploy: [local()] }, file.hasContent("/x", "y"));`);

  test("its code is in few files, with one instance of what the consfig imports too", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    const files = await loadedBy(scratch, ["hosts"]);
    assert.ok(files.length < 80, `${files.length} files`);
    const texts = files.map((file) => readFileSync(file, "utf8"));
    for (const definition of [
      /\bConsfigError = class\b/,
      /\bZodString = /,
      /\bHostList = class\b/,
    ]) {
      assert.equal(texts.filter((text) => definition.test(text)).length, 1, String(definition));
    }
  });

  test("its version is told without what reads options", async (t) => {
    const files = await loadedBy(new Scratch(t), ["--version"]);
    assert.ok(files.length < 25, `${files.length} files`);
    for (const file of files) assert.doesNotMatch(readFileSync(file, "utf8"), /\bZodString = /);
  });

  test("help tells of all options, of the command that is asked about", async (t) => {
    const scratch = new Scratch(t);
    const { stdout } = await scratch.consfig("--help");
    assert.match(stdout, /^ {2}deploy \[options\] \[host\.\.\.\] {2,}make hosts/m);
    assert.match(stdout, /^ {2}init \[directory\] {2,}start a consfig/m);
    assert.doesNotMatch(stdout, /--rolling <share>|--any/);
    for (const words of [
      ["help", "deploy"],
      ["deploy", "--help"],
    ]) {
      const { code, stdout } = await scratch.consfig(...words);
      assert.equal(code, 0);
      for (const flag of ["--consfig", "--ask-sudo", "--rolling", "--silence", "--only"]) {
        assert.match(stdout, new RegExp(`^ {2}.*${flag} `, "m"));
      }
    }
  });
});
