/** A question at the terminal stands there alone: the live view is away until it is answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { missing } from "../helpers/programs.js";
import { consfigOf, main, Scratch } from "./command.js";

const consfig = consfigOf(`
import { registerDataSource } from "consfigurator";
import { askpass } from "consfigurator/data/askpass";
import { z } from "zod";
registerDataSource(askpass(/_asked/, /.*/));
const asks = posixProperty("spec.asks", {
  args: z.tuple([]),
  hostattrs: (attrs) => attrs.requireData("_asked", "word"),
  apply: async (on) => {
    on.inform("the answer has " + (await on.data("_asked", "word")).content.length);
    return "changed";
  },
});
export const busy = host("busy", { deploy: [local()] },
  ...Array.from({ length: 12 }, (_, i) => cmd.single(["sleep", "0.2" + i])));
export const asking = host("asking", { deploy: [local()] }, asks());
`);

test("a question has the terminal to itself", { skip: missing("script") }, async (t) => {
  const scratch = new Scratch(t);
  scratch.write("consfig.ts", consfig);
  const words = `'${process.execPath}' '${main}' deploy --threads 0 -v`;
  const running = scratch.spawn(["script", "-qec", words, "/dev/null"]);
  for (const [question, answer] of [
    ["(_asked, word): ", "one two\r"],
    ["(_asked, word), again: ", "one two\r"],
  ] as const) {
    await running.printed(question);
    // The view is drawn ten times a second, and a property of the other host ends meanwhile.
    await wait(600);
    const screen = (await running.printed(question)).trimEnd();
    assert.ok(screen.endsWith(question.trimEnd()), JSON.stringify(screen.slice(-300)));
    running.child.stdin.write(answer);
  }
  const { code, stdout } = await running.ended;
  assert.equal(code, 0, stdout);
  assert.match(stdout, /the answer has 7/);
  assert.match(stdout, /2 of 2 hosts ok/);
  assert.ok(
    stdout.lastIndexOf("\x1b[?25h") > stdout.lastIndexOf("\x1b[?25l"),
    "the cursor is seen",
  );
});
