import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { consfigOf, lineOf, Scratch } from "./command.js";

/** A mistake, the text on its line, the command's answer, and whether other commands see it too. */
const mistakes: readonly (readonly [what: string, line: string, answer: RegExp])[] = [
  [
    "a syntax error",
    `export const one = host("one" file);`,
    /E_CONSFIG_INVALID {2}consfig\.ts does not compile\n\n {2}consfig\.ts:LINE:31: Expected/,
  ],
  [
    "an import that leads nowhere",
    `import "./nothing.js";`,
    /consfig\.ts:LINE:8: Could not resolve/,
  ],
  [
    "a property file that there is none of",
    `import * as atp from "consfigurator/properties/servce"; void atp;`,
    /consfig\.ts:LINE:22: There is no "consfigurator\/properties\/servce"\n.*did you mean consfigurator\/properties\/service\?/,
  ],
  [
    "something that throws",
    `export const one = host("one", JSON.parse("{"));`,
    /fails while it is loaded: SyntaxError: .*\n {2}at {9}consfig\.ts:LINE:37/,
  ],
  [
    "something that throws what is no error",
    `throw "a tantrum";`,
    /fails while it is loaded: a tantrum/,
  ],
  [
    "a function as argument",
    `export const one = host("one", file.hasContent("/a", (() => "b") as never));`,
    /E_ARGUMENT {2}file\.hasContent\[1\] is a function\n {2}at {9}consfig\.ts:LINE:37/,
  ],
  [
    "an argument that does not fit",
    `export const one = host("one", file.hasContent("a", "b"));`,
    /E_ARGUMENT {2}file\.hasContent: argument 1: .*\n {2}at {9}consfig\.ts:LINE:37/,
  ],
  [
    "a property without arguments",
    `export const one = host("one", file.hasContent as never);`,
    /E_ARGUMENT {2}host one, property 1 is a function\n {2}at {9}consfig\.ts:LINE:20\n.*call the property/,
  ],
  [
    "a property defined twice",
    `export const twice = [posixProperty("my.one", noArguments), posixProperty("my.one", noArguments)];`,
    /E_DEFINITION {2}the property my\.one is defined twice: consfig\.ts:LINE:23 and consfig\.ts:LINE:61/,
  ],
  [
    "a property defined in a function",
    `const f = () => posixProperty("my.one", noArguments); f();`,
    /E_DEFINITION {2}the property my\.one is defined inside a function, at consfig\.ts:LINE:17/,
  ],
  [
    "two hosts of one name",
    `export const [one, two] = [host("one"), host("one")];`,
    /E_CONSFIG_INVALID {2}consfig\.ts exports two hosts called one: one and two/,
  ],
  [
    "a word of a command that is not there",
    `export const one = host("one", cmd.single(script\`rm \${undefined as never}\`));`,
    /E_ARGUMENT {2}undefined is no word of a command\n {2}at {9}consfig\.ts:LINE:43/,
  ],
  [
    "a property that cannot describe itself",
    `export const one = host("one", { deploy: [local()] }, undescribed());`,
    /E_BROKEN_PROPERTY {2}one: my\.undescribed: TypeError: oops\n {2}at {9}consfig\.ts:LINE:55/,
  ],
  [
    "a way to a host that leads nowhere",
    `export const one = host("one", { deploy: [] });`,
    /E_ARGUMENT {2}host one: deploy must be a list of hops\n {2}at {9}consfig\.ts:LINE:20/,
  ],
  [
    "a way to this machine from elsewhere",
    `export const one = host("one", { deploy: [local(), local()] });`,
    /E_USAGE {2}one: local\(\) is not the first hop/,
  ],
  [
    "something that never comes",
    `await new Promise(() => {});`,
    /E_CONSFIG_INVALID {2}the consfig waits for something that never comes\n/,
  ],
  [
    "something that fails while nobody waits for it",
    `void Promise.reject(new Error("oops")); await new Promise(setImmediate);`,
    /E_CONSFIG_INVALID {2}something that the consfig began fails: Error: oops\n {2}at {9}consfig\.ts:LINE:21/,
  ],
  [
    "no host",
    `const one = host("one"); void one;`,
    /E_CONSFIG_INVALID {2}consfig\.ts exports no host\n {2}hint/,
  ],
];

const body = (line: string) =>
  consfigOf(`import { z } from "zod";
const noArguments = { args: z.tuple([]), apply: async () => "unchanged" as const };
const undescribed = posixProperty("my.undescribed", {
  ...noArguments,
  desc: () => {
    throw new TypeError("oops");
  },
});
void [noArguments, undescribed];
${line}
`);

describe("a consfig with a mistake", () => {
  for (const [what, line, answer] of mistakes) {
    test(`${what} is told with its place`, async (t) => {
      const scratch = new Scratch(t);
      const consfig = body(line);
      scratch.write("consfig.ts", consfig);
      const expected = new RegExp(answer.source.replaceAll("LINE", `${lineOf(consfig, line)}`));
      for (const command of ["hosts", "deploy"]) {
        const { code, stdout, stderr } = await scratch.consfig(command);
        assert.equal(code, 1, stderr);
        assert.doesNotMatch(stdout, /one/);
        assert.match(stderr, expected);
      }
    });
  }

  test("check tells of types, of what fails while it is loaded and of each host", async (t) => {
    const scratch = new Scratch(t);
    const consfig = body(`
const wrong: number = "text";
const never = posixProperty("my.never", {
  args: z.tuple([]),
  hostattrs: (attrs) => attrs.require({ requirement: "elsewhere", holds: () => false }),
});
export const hosts = [host("one", never()), host("two", never())];
void wrong;`);
    scratch.write("consfig.ts", consfig);
    const { code, stdout, stderr } = await scratch.consfig("check");
    assert.deepEqual([code, stdout], [1, ""]);
    const line = lineOf(consfig, "const wrong");
    assert.match(
      stderr,
      new RegExp(`consfig\\.ts:${line}:7: TS2322: .*\n +const wrong: number = "text";\n +\\^`),
    );
    assert.match(stderr, /^E_INAPPLICABLE {2}one: one must be elsewhere$/m);
    assert.match(stderr, /^E_INAPPLICABLE {2}two: /m);
  });

  test("check tells once of what does not compile, and heeds the person's own tsconfig.json", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", body(`export const one = host("one" file);`));
    const broken = await scratch.consfig("check");
    assert.equal(broken.code, 1);
    assert.equal(broken.stderr.match(/does not compile/g)?.length, 1, broken.stderr);

    scratch.write("lib/names.ts", `export const name = "one";\nlet unused;\n`);
    scratch.write(
      "consfig.ts",
      body(`import { name } from "@names"; export const one = host(name);`),
    );
    const options = {
      strict: true,
      module: "esnext",
      moduleResolution: "bundler",
      target: "es2023",
      types: ["node"],
    };
    const config = (more: object) =>
      JSON.stringify({
        compilerOptions: { ...options, paths: { "@names": ["./lib/names.ts"] }, ...more },
      });
    scratch.write("tsconfig.json", config({}));
    const sound = await scratch.consfig("check");
    assert.deepEqual([sound.code, sound.stderr], [0, ""]);
    scratch.write("tsconfig.json", config({ noUnusedLocals: true }));
    const strict = await scratch.consfig("check");
    assert.equal(strict.code, 1);
    assert.match(strict.stderr, /lib\/names\.ts:2:5: TS6133/);
  });

  test("no consfig, or one that is not where it is said to be", async (t) => {
    const scratch = new Scratch(t);
    const none = await scratch.consfig("hosts");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /E_CONSFIG_INVALID {2}there is no consfig\.ts in .*\n.*consfig init/);
    const missing = await scratch.consfig("hosts", "--consfig", "nowhere.ts");
    assert.match(missing.stderr, /there is no nowhere\.ts/);
  });
});
