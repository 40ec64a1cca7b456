import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { consfigOf, Scratch } from "./command.js";

describe("consfig apply", () => {
  const prepared = (t: Parameters<Parameters<typeof test>[0] & object>[0]) => {
    const scratch = new Scratch(t);
    scratch.write(
      "consfig.ts",
      consfigOf(`
export const directory = ${JSON.stringify(scratch.directory)};
export const one = host("one", { deploy: [local()] }, file.hasContent(directory + "/own", "x"));
export const two = host("two", { deploy: [local()] });
`),
    );
    return scratch;
  };

  test("properties, combinators and what the consfig exports are in an expression's scope", async (t) => {
    const scratch = prepared(t);
    const { code, stderr } = await scratch.consfig(
      "apply",
      "one",
      `inOrder(file.hasContent(directory + "/a", "from the command line"), cmd.single(["true"]))`,
      `file.symlinked(directory + "/b" as string, "a");`,
    );
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(scratch.path("b"), "utf8"), "from the command line\n");
    assert.equal(
      existsSync(scratch.path("own")),
      false,
      "the host's own properties are not applied",
    );
    assert.match(stderr, /changed .*\/a has its content {2}\(expression 1\)/);
    assert.match(stderr, /3 changed/);
  });

  test("--unapply undoes, last first, on --all hosts", async (t) => {
    const scratch = prepared(t);
    const expression = `file.symlinked(directory + "/link", "target")`;
    assert.equal((await scratch.consfig("apply", "two", expression)).code, 0);
    const { code, stderr } = await scratch.consfig("apply", "--all", "--unapply", expression);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /not: .*link/);
    assert.equal(existsSync(scratch.path("link")), false);
  });

  for (const [what, words, expected] of [
    ["a mistake in its syntax", [`file.hasContent("a" "b")`], /expression 1:1:21: Expected/],
    [
      "a name that is not there",
      [`fiel.hasContent("/a", "b")`],
      /fiel is not defined\n.*did you mean file\?/,
    ],
    [
      "an argument that does not fit",
      [`cmd.single(["true"])`, `file.hasContent("a", "b")`],
      /E_ARGUMENT.*absolute path\n.*expression 2/,
    ],
    [
      "something else than a property",
      [`file.hasContent`, `one`, `"text" + one`],
      /E_ARGUMENT {2}"text" \+ one is no property/,
    ],
    ["a property without arguments", ["file.hasContent"], /call it: file\.hasContent\(…\)/],
    ["a function", ["() => file"], /is a function/],
  ] as const) {
    test(`${what} is told`, async (t) => {
      const scratch = prepared(t);
      const { code, stderr } = await scratch.consfig("apply", "one", ...words);
      assert.equal(code, 1);
      assert.match(stderr, expected);
    });
  }

  test("hosts have to be named", async (t) => {
    const scratch = prepared(t);
    const { code, stderr } = await scratch.consfig("apply", `cmd.single(["true"])`);
    assert.equal(code, 1);
    assert.match(stderr, /no host is given/);
  });
});
