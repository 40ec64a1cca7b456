import assert from "node:assert/strict";
import { test } from "node:test";
import { annotated } from "../../../cli/render/githubActions.js";
import { noPaint } from "../../../cli/render/paint.js";
import { plainRenderer } from "../../../cli/render/plain.js";
import { CommandFailed } from "../../../engine/base/errors.js";
import { consfigOf, lineOf, Scratch } from "../command.js";
import { namesOf, Simulated } from "./simulated.js";

/** The lines that GitHub's runner takes for commands: `::` at the beginning, or `##[` anywhere. */
function commandsIn(text: string): readonly string[] {
  let waitsFor: string | undefined;
  return text.split("\n").flatMap((line) => {
    const command =
      /^\s*::([\w-]+)|##\[/.exec(line)?.[1] ?? (line.includes("##[") ? "legacy" : undefined);
    if (command === undefined || (waitsFor !== undefined && command !== waitsFor)) return [];
    waitsFor = command === "stop-commands" ? line.split("::")[2] : undefined;
    return [line.trim()];
  });
}

const hostile = "##[add-mask]x\\n::set-output name=a::b";
const consfig = consfigOf(`
export const one = host("one", { deploy: [local()] },
  cmd.single(script\`printf '${hostile}\\\\n' >&2; exit 1\`),
  described("100%, or: not", cmd.single(sh\`false\`)),
);
`);

test("what failed is shown beside its line, and nothing that a host says is a command", async (t) => {
  const scratch = new Scratch(t);
  scratch.write("deploy/consfig.ts", consfig);
  const env = { GITHUB_ACTIONS: "true", CI: "true", GITHUB_WORKSPACE: scratch.directory };
  const { code, stdout, stderr } = await scratch.start(["deploy"], env, "deploy").ended;
  assert.deepEqual([code, stdout], [3, ""]);
  assert.match(stderr, /\| ##\[add-mask\]x/);
  const [stop, resume, first, second, ...more] = commandsIn(stderr);
  const [, token] = /^::stop-commands::([\w-]{36})$/.exec(stop ?? "") ?? [];
  assert.equal(resume, `::${token}::`);
  const line = lineOf(consfig, "printf");
  const begin = `::error file=deploy/consfig.ts,line=${line},title=E_COMMAND::one: printf`;
  assert.ok(first?.startsWith(begin), first);
  assert.match(second ?? "", /title=E_COMMAND::one: .*false.*exit code 1/);
  assert.deepEqual(more, []);
  assert.match((await scratch.start(["deploy"], {}, "deploy").ended).stderr, /^one +failed/m);
});

test("of one failure on many hosts there is one annotation, and of all not more than are shown", () => {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const names = namesOf(50);
  const plain = plainRenderer(write, names, { verbosity: 0, paint: noPaint, nameWidth: 14 });
  const renderer = annotated(plain, write);
  const error = new CommandFailed("it is 100% broken\nand more");
  const results = names.map((name, i) =>
    new Simulated(name, renderer).deployed(i < 20 ? "a, b: c" : `page ${i}`, error),
  );
  renderer.end({ results, durationMs: 1, exitCode: 3 });
  renderer.close();
  const annotations = commandsIn(text).filter((line) => line.startsWith("::error"));
  assert.equal(annotations.length, 10);
  assert.equal(
    annotations[0]?.replace(/^.*line/, "line"),
    "line=3,title=E_COMMAND::web001.example, web002.example and 18 more: a, b: c: it is 100%25 broken",
  );
});

test("the runner heeds commands again when the deployment has been broken off", () => {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const plain = plainRenderer(write, ["one"], { verbosity: 0, paint: noPaint, nameWidth: 3 });
  const renderer = annotated(plain, write);
  renderer.close();
  renderer.close();
  const [stop, resume, ...more] = commandsIn(text);
  assert.deepEqual([resume, more], [`::${stop?.split("::")[2]}::`, []]);
});
