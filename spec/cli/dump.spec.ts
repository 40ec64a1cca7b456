/** `consfig dump`, with the real command; what it makes is run. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { after, before, describe, type TestContext, test } from "node:test";
import { Place } from "../connections/node/place.js";
import { testbedUnavailable } from "../testbed/index.js";
import { consfigOf, lineOf, Scratch } from "./command.js";

const forms = `
import { form } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import { z } from "zod";
const greetings = ["good day", "bye"].toSorted().toReversed().toSpliced(1, 1).with(0, "good day");
export const greet = form("app.greet", {
  args: z.tuple([z.string(), z.number()]),
  evaluate: (name, times) => {
    for (let i = 0; i < times; i++) console.log(\`\${greetings}, \${name}\`);
    if (times > 2) process.exitCode = 7;
  },
});`;

function opened(t: TestContext) {
  const scratch = new Scratch(t);
  const made = scratch.path("made");
  const consfig = consfigOf(`${forms}
export const here = host("here", { deploy: [local()] }, file.hasContent(${JSON.stringify(made)}, "x"));
export const shell = host("shell", { deploy: [ssh({ host: "nowhere.invalid" })] });
export const inner = host("inner");`);
  scratch.write("consfig.ts", consfig);
  return { scratch, consfig, made, file: scratch.path("program") };
}

describe("consfig dump", () => {
  test("of a form: an executable that evaluates it, and is left alone the next time", async (t) => {
    const { scratch, made, file } = opened(t);
    const words = ["dump", "here", "--to", file, "--form", 'app.greet "Ann", 2'];
    const first = await scratch.consfig(...words);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /changed .*program evaluates app\.greet/);
    assert.equal(existsSync(made), false, "the host's own properties are not applied");
    assert.equal(statSync(file).mode & 0o7777, 0o755);
    assert.deepEqual(await scratch.spawn([file]).ended, {
      code: 0,
      stdout: "good day, Ann\ngood day, Ann\n",
      stderr: "",
    });

    const again = await scratch.consfig(...words, "-v");
    assert.match(again.stderr, /0 changed {2}1 unchanged/);
    const other = await scratch.consfig("dump", "here", "--to", file, "--form", 'app.greet "B", 3');
    assert.match(other.stderr, /1 changed/);
    const { code, stdout } = await scratch.spawn([file]).ended;
    assert.deepEqual([code, stdout], [7, "good day, B\n".repeat(3)]);
  });

  test("without a form: an executable that makes the host as the consfig says", async (t) => {
    const { scratch, made, file } = opened(t);
    const { code, stderr } = await scratch.consfig("dump", "here", "--to", file);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /program applies this host's properties/);
    rmSync(scratch.path("consfig.ts"));
    const first = await scratch.spawn([file]).ended;
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    assert.match(first.stdout, /^here {2}changed .*made has its content\n$/);
    assert.equal(readFileSync(made, "utf8"), "x\n");
    assert.deepEqual(await scratch.spawn([file]).ended, { code: 0, stdout: "", stderr: "" });
  });

  test("tells of failures on the host as a deployment does", async (t) => {
    const { scratch } = opened(t);
    const file = scratch.path("missing", "program");
    const { code, stderr } = await scratch.consfig("dump", "here", "--to", file);
    assert.equal(code, 3);
    assert.match(stderr, /E_FILE\b/);
    const asJson = await scratch.consfig("dump", "here", "--to", file, "--json");
    const events = asJson.stdout.trimEnd().split("\n");
    assert.ok(
      events.some((line) => JSON.parse(line).type === "finished"),
      asJson.stdout,
    );
  });

  test("refuses what cannot be, before it contacts anybody", async (t) => {
    const { scratch, consfig, file } = opened(t);
    const at = new RegExp(`consfig\\.ts:${lineOf(consfig, 'form("app.greet"')}:`);
    const to = ["--to", file];
    const cases: [words: readonly string[], says: RegExp][] = [
      [["here", ...to, "--form", "app.great 1"], /E_UNKNOWN_FORM .*\n.*did you mean app\.greet\?/],
      [["here", ...to, "--form", "app.greet 1"], at],
      [["here", ...to, "--form", "app.greet Ann, 1"], /E_USAGE .*is no JSON/],
      [["hre", ...to], /E_UNKNOWN_HOST .*\n.*did you mean here\?/],
      [["inner", ...to], /E_USAGE .*does not say how it is reached/],
      [["shell", ...to], /E_KIND .*image\.dumped needs a Node image.*shell.*\n(.*\n)*.*node\(\)/],
      [["here"], /--to <file>/],
      [["here", "--to", "program"], /expected an absolute path/],
      [to, /missing required argument 'host'/],
    ];
    for (const [words, says] of cases) {
      const { code, stderr } = await scratch.consfig("dump", ...words);
      assert.equal(code, 1, words.join(" "));
      assert.match(stderr, says);
    }
    assert.equal(existsSync(file), false);
  });
});

test("consfig eval: a form makes an executable of the consfig itself, in every process", async (t) => {
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    `import { evalInReinvoked, form } from "consfigurator";
import { z } from "zod";
const numbers = new Map<string, number>();
const learnt = form("my.learnt", {
  args: z.tuple([z.string(), z.number()]),
  evaluate: (name, number) => void numbers.set(name, number),
});
const known = form("my.known", {
  args: z.tuple([z.string()]),
  value: z.number().optional(),
  evaluate: (name) => numbers.get(name),
});
form("my.asked", {
  args: z.tuple([z.string()]),
  evaluate: async (name) => (await evalInReinvoked(learnt("one", 1), known(name))).value,
});`,
  );
  for (const engine of ["separate", "exec"]) {
    const { stdout, stderr } = await scratch.consfig(
      "eval",
      "my.asked",
      '"one"',
      "--engine",
      engine,
    );
    assert.equal(stdout, "1\n", stderr);
  }
});

describe("consfig dump, over ssh", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;

  before(async () => {
    place = await Place.open();
    place.installNode();
  });
  after(() => place?.close());

  test("the executable is made there, and needs no Node and no module file", async (t) => {
    const scratch = new Scratch(t);
    const configFile = JSON.stringify(place.bed.sshConfigFile);
    const text = consfigOf(`${forms}
import { node } from "consfigurator/connections/node";
export const h01 = host("h01", { deploy: [ssh({ configFile: ${configFile} }), node()] },
  file.hasContent("/etc/made", "x"));`);
    scratch.write("consfig.ts", text);
    const words = ["dump", "h01", "--to", "/usr/local/bin/greet", "--form", 'app.greet "you", 1'];
    const first = await scratch.consfig(...words);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /h01 {2}changed .*greet evaluates app\.greet/);
    const again = await scratch.consfig(...words, "-v");
    assert.match(again.stderr, /0 changed {2}1 unchanged/);
    const whole = await scratch.consfig("dump", "h01", "--to", "/usr/local/bin/whole");
    assert.equal(whole.code, 0, whole.stderr);

    const host = place.bed.host(0);
    await host.shell("rm -r /usr/bin/node /root/.cache");
    const greet = await host.shell("su -s /bin/sh nobody -c greet");
    assert.deepEqual([greet.code, greet.stdout, greet.stderr], [0, "good day, you\n", ""]);
    const run = await host.shell("whole && cat /etc/made");
    assert.match(run.stdout, /^h01 {2}changed .*\nx/, run.stderr);
    place.installNode();
  });

  test("properties of this package need not be imported by the consfig", async (t) => {
    const scratch = new Scratch(t);
    scratch.write(
      "consfig.ts",
      `import { host } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { ssh } from "consfigurator/connections/ssh";
const chain = [ssh({ configFile: ${JSON.stringify(place.bed.sshConfigFile)} }), node()] as const;
export const h01 = host("h01", { deploy: chain });`,
    );
    const expression = `image.dumped("/usr/local/bin/other")`;
    const { code, stderr } = await scratch.consfig("apply", "h01", expression);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /1 changed/);
  });
});
