import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { consfigOf, main, Scratch } from "./command.js";

const consfig = (directory: string) =>
  consfigOf(`
export const one = host("one", { deploy: [local()] },
  file.hasContent(${JSON.stringify(directory)} + "/made", "x"),
  cmd.single(sh\`sleep 0.3\`),
  cmd.single(script\`printf '\\\\033[2Jhostile\\\\nE_FAKE forged\\\\342\\\\200\\\\256\\\\n' >&2; exit 1\`),
);
export const two = host("two", { deploy: [local()] }, cmd.single(sh\`true\`));
`);

/** The output with what acts on a terminal made visible, but for newlines. */
function visible(output: string): string {
  return output.replace(/[\p{C}]/gu, (character) =>
    character === "\n" ? character : `<${character.codePointAt(0)?.toString(16)}>`,
  );
}

const colours = /<1b>\[\d+m/;

describe("output", () => {
  test("--json prints one value a line, with errors as data and an end that says it all", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(scratch.directory));
    const { code, stdout, stderr } = await scratch.consfig("deploy", "--json");
    assert.deepEqual([code, stderr], [3, ""]);
    assert.equal(visible(stdout), stdout);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(events.every(({ v, type }) => v === 1 && typeof type === "string"));
    const failed = events.find(({ ending }) => ending?.outcome === "failed");
    assert.equal(failed.host, "one");
    assert.equal(failed.ending.error.code, "E_COMMAND");
    assert.match(failed.ending.error.hint, /run it by hand/);
    assert.equal(failed.ending.error.facts.exitCode, 1);
    assert.match(failed.ending.error.facts.at, /^consfig\.ts:\d+:\d+$/);
    const { type, exitCode, hosts } = events.at(-1);
    assert.deepEqual([type, exitCode], ["summary", 3]);
    assert.deepEqual(
      hosts.map((one: { host: string }) => one.host),
      ["one", "two"],
    );
    assert.deepEqual(hosts[0].counts, { changed: 2, unchanged: 0, failed: 1, notReached: 0 });
    assert.ok(
      events.every(({ type }) => type !== "inform"),
      "news of commands only with -v",
    );
  });

  test("--json tells of a mistake too", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(scratch.directory));
    const { code, stdout } = await scratch.consfig("deploy", "three", "--json");
    assert.equal(code, 1);
    const { v, type, error } = JSON.parse(stdout);
    assert.deepEqual(
      [v, type, error.code, error.facts.name],
      [1, "error", "E_UNKNOWN_HOST", "three"],
    );
    assert.match(error.hint, /known: one, two/);
  });

  test("what a host says can neither act on a terminal nor forge a line", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(scratch.directory));
    const { stderr } = await scratch.consfig("deploy");
    assert.match(stderr, /\| \\x1b\[2Jhostile\n {4}\| E_FAKE forged\\u\{202e\}\n/);
    assert.doesNotMatch(stderr, /^E_FAKE/m);
    assert.equal(visible(stderr), stderr);
  });

  test("colours: none for a pipe, some when forced, NO_COLOR wins", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(scratch.directory));
    const show = async (env: Record<string, string>) =>
      visible((await scratch.start(["show", "two"], env).ended).stdout);
    assert.doesNotMatch(await show({}), colours);
    assert.match(await show({ FORCE_COLOR: "1" }), colours);
    assert.doesNotMatch(await show({ FORCE_COLOR: "1", NO_COLOR: "1" }), colours);
    assert.doesNotMatch(await show({ FORCE_COLOR: "0" }), colours);
  });

  test("on a terminal the current property is drawn over and over, and the cursor comes back", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(scratch.directory));
    const words = `stty cols 60; '${process.execPath}' '${main}' deploy`;
    const ended = await scratch.spawn(["script", "-qec", words, "/dev/null"]).ended;
    const stdout = visible(ended.stdout);
    assert.ok(stdout.includes("<1b>[?25l"), "hides the cursor");
    assert.ok(stdout.lastIndexOf("<1b>[?25h") > stdout.lastIndexOf("<1b>[?25l"), "shows it again");
    assert.match(stdout, /<1b>\[\d+A.*<1b>\[J/s);
    assert.match(stdout, /0\.\d s.*sleep 0\.3<d>\n/, "what is being done");
    assert.match(stdout, /changed.*sleep 0\.3.*consfig\.ts:/, "what has been done");
    assert.match(stdout, /1 of 2 hosts ok/);
    for (const env of [{ TERM: "dumb" }, { CI: "1" }]) {
      const plain = await scratch.spawn(["script", "-qec", words, "/dev/null"], env).ended;
      assert.doesNotMatch(visible(plain.stdout), /<1b>\[(\?25|J)/);
      assert.match(plain.stdout, /1 of 2 hosts ok/);
    }
  });

  test("of many hosts a terminal shows counters, and what has changed does not scroll by", async (t) => {
    const scratch = new Scratch(t);
    scratch.write(
      "consfig.ts",
      consfigOf(`
const after = (n: number) => [cmd.single(sh\`sleep 0.3\`), ...(n === 7 ? [cmd.single(sh\`false\`)] : [])];
const hosts = Array.from({ length: 21 }, (_, n) => host("host" + n, { deploy: [local()] }, ...after(n)));
export default hosts;
`),
    );
    const words = `stty cols 60 rows 12; '${process.execPath}' '${main}' deploy`;
    const env = { NO_COLOR: "1" };
    const { stdout } = await scratch.spawn(["script", "-qec", words, "/dev/null"], env).ended;
    const drawn = visible(stdout).replaceAll(/<d>|<1b>\[\??\d*[A-Za-z]/g, "");
    assert.match(drawn, /^×*▓*▒+░+$/m);
    assert.match(drawn, /of 21 hosts done/);
    assert.match(drawn, /^host\d+ +\d\.\d s {2}sleep 0\.3$/m);
    assert.match(drawn, /^host7 {3}failed {7}false/m);
    assert.doesNotMatch(drawn, /^host\d+ +changed/m);
    assert.match(drawn, /^21 hosts {2}20 changed {2}1 failed/m);
  });

  test("whoever reads may leave: the deployment goes on to its end", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(scratch.directory));
    const words = `'${process.execPath}' '${main}' deploy --json two; echo "code $?" >&2`;
    const { stderr } = await scratch.spawn(["sh", "-c", `(${words}) | true`]).ended;
    assert.equal(stderr, "code 0\n");
  });
});
