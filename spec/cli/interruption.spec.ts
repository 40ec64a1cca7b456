import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { consfigOf, Scratch } from "./command.js";

const consfig = (directory: string) =>
  consfigOf(`
const directory = ${JSON.stringify(directory)};
export const one = host("one", { deploy: [local()] },
  file.hasContent(directory + "/before", "x"),
  cmd.single(script\`echo $$ > \${directory + "/pid"}; exec sleep 300\`),
  file.hasContent(directory + "/after", "x"),
);
export const two = host("two", { deploy: [local()] }, file.hasContent(directory + "/two", "x"));
`);

/** The command, when it is at the property that lasts; and has told that of `told`. */
async function started(scratch: Scratch, told: RegExp, words: readonly string[] = []) {
  scratch.write("consfig.ts", consfig(scratch.directory));
  const running = scratch.start(["deploy", ...words]);
  let stderr = "";
  running.child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  const pid = () => existsSync(scratch.path("pid")) && readFileSync(scratch.path("pid"), "utf8");
  while (!pid() || !told.test(stderr)) {
    if (over) throw new Error((await running.ended).stderr);
    await wait(10);
  }
  return { ...running, pid: Number(pid()) };
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function ends(pid: number): Promise<void> {
  for (let i = 0; i < 500 && lives(pid); i++) await wait(10);
  assert.equal(lives(pid), false, "the command on the host has ended");
}

describe("an interruption", () => {
  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    test(`${signal} ends the commands on hosts, and tells what was done`, async (t) => {
      const scratch = new Scratch(t);
      const { child, ended, pid } = await started(scratch, /^two +changed/m);
      child.kill(signal);
      const { code, stderr } = await ended;
      assert.equal(code, expected, stderr);
      await ends(pid);
      assert.match(stderr, /^stopping: /m);
      assert.match(stderr, /^one +cancelled {2}1 changed {2}1 interrupted {2}1 not reached/m);
      assert.match(stderr, /^one +interrupted .*exec sleep 300.*cancelled$/m);
      assert.match(stderr, /^one +not reached .*after has its content .*cancelled$/m);
      assert.match(stderr, /^two +1 changed/m);
      assert.equal(existsSync(scratch.path("after")), false);
    });
  }

  test("a host whose turn has not come is not begun", async (t) => {
    const scratch = new Scratch(t);
    const { child, ended } = await started(scratch, /./, ["--parallel", "1"]);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(stderr, /^two +not begun$/m);
    assert.equal(existsSync(scratch.path("two")), false);
  });

  test("the second one leaves at once", async (t) => {
    const scratch = new Scratch(t);
    const { child, ended, pid } = await started(scratch, /^two +changed/m);
    process.kill(pid, "SIGSTOP"); // it will not end by itself
    // A SIGTERM that comes before it stands still would end it all the same.
    while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) await wait(10);
    child.kill("SIGINT");
    await wait(100);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.doesNotMatch(stderr, /hosts ok/, "what became of the hosts was not waited for");
    if (lives(pid)) process.kill(pid, "SIGKILL");
  });
});
