/** `consfig eval`, with the real command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { requiredFlags } from "../../zygote/preconditions.js";
import { lineOf, main, Scratch } from "./command.js";

const consfig = `import { spawn } from "node:child_process";
import { evalInGrandchild, form } from "consfigurator";
import { z } from "zod";
import { deep } from "./lib/deep";

const none = { args: z.tuple([]) };
let count = 0;

export const sum = form("my.sum", {
  args: z.tuple([z.number(), z.number()]),
  evaluate: (a, b) => {
    count++;
    return { sum: a + b, count };
  },
});
form("my.talk", {
  ...none,
  evaluate: async () => {
    console.log("first");
    console.error("second");
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.stdout.write("third");
    return "x\\u001b";
  },
});
function inner(): never {
  throw Object.assign(new RangeError("it went wrong"), { code: "E_MINE" });
}
form("my.fail", { ...none, evaluate: () => inner() });
form("my.exit", { args: z.tuple([z.number()]), evaluate: (code) => process.exit(code) });
form("my.code", {
  ...none,
  evaluate: () => {
    process.exitCode = 5;
    return "a value too";
  },
});
form("my.killed", { ...none, evaluate: () => void process.kill(process.pid, "SIGKILL") });
form("my.slow", {
  ...none,
  evaluate: async () => {
    const { pid } = spawn("sleep", ["300"], { stdio: "ignore" });
    console.log(\`pids \${process.pid} \${pid} \`);
    await new Promise((resolve) => setTimeout(resolve, 300_000));
  },
});
form("my.deaf", {
  ...none,
  evaluate: () => {
    process.on("SIGTERM", () => {});
    console.log(\`pids \${process.pid} \${process.pid} \`);
    for (;;);
  },
});
form("my.nested", {
  ...none,
  evaluate: async () => {
    const { value, pid } = await evalInGrandchild(null, deep("down"));
    return { value, isOther: pid !== process.pid };
  },
});
let entered = "nothing";
form("my.enter", {
  args: z.tuple([z.string(), z.number()]),
  evaluate: (what, number) => {
    entered = \`\${what} \${number}\`;
  },
});
form("my.entered", { ...none, evaluate: () => entered });
form("my.uid", { ...none, evaluate: () => process.getuid?.() });
`;

const lib = `import { form } from "consfigurator";
import { z } from "zod";
export const deep = form("lib.deep", {
  args: z.tuple([z.string()]),
  evaluate: (text) => \`deep \${text}\`,
});
`;

function made(t: TestContext): Scratch {
  const scratch = new Scratch(t);
  scratch.write("consfig.ts", consfig);
  scratch.write("lib/deep.ts", lib);
  return scratch;
}

function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The slow form, once it is at work: the command, and its processes. */
async function slow(scratch: Scratch, engine: string, form = "my.slow") {
  const running = scratch.start(["eval", "--engine", engine, form]);
  let printed = "";
  running.child.stdout.on("data", (bytes: Buffer) => {
    printed += bytes.toString();
  });
  await running.printed("pids ");
  while (!/pids \d+ \d+ /.test(printed)) await wait(5);
  const pids = /pids (\d+) (\d+) /.exec(printed)?.slice(1).map(Number) ?? [];
  assert.ok(pids.every(lives));
  return { ...running, pids };
}

async function gone(pids: readonly number[]): Promise<void> {
  for (let i = 0; i < 300 && pids.some(lives); i++) await wait(10);
  assert.deepEqual(pids.filter(lives), [], "the form's process and what it started have ended");
}

const flagged = (words: readonly string[]) => [process.execPath, ...requiredFlags, main, ...words];

describe("consfig eval", () => {
  for (const engine of ["fork", "separate", "exec"] as const) {
    test(`${engine}: value, output, exit codes, error, time limit, nested`, async (t) => {
      const scratch = made(t);
      const run = async (...words: readonly string[]) => {
        const all = ["eval", "-v", "--engine", engine, ...words];
        const { ended } = engine === "fork" ? scratch.spawn(flagged(all)) : scratch.start(all);
        return ended;
      };
      const sum = await run("my.sum", "--", "-2", "44.5");
      assert.deepEqual([sum.code, JSON.parse(sum.stdout).sum], [0, 42.5], sum.stderr);
      assert.equal(JSON.parse(sum.stdout).count, 1);
      assert.match(sum.stderr, new RegExp(`^engine: ${engine}\\b`));

      const talk = await run("my.talk");
      assert.deepEqual([talk.code, talk.stdout], [0, 'first\nthird\n"x\\u001b"\n'], talk.stderr);
      assert.match(talk.stderr, /^second$/m);

      const fail = await run("my.fail");
      assert.deepEqual([fail.code, fail.stdout], [1, ""]);
      const [at, caller] = ["throw Object", "my.fail"].map((text) => lineOf(consfig, text));
      assert.match(
        fail.stderr,
        new RegExp(
          "^E_FORM_FAILED {2}my.fail threw RangeError \\(E_MINE\\): it went wrong\\n" +
            ` {2}at {9}consfig.ts:${at}:\\d+\\n {13}consfig.ts:${caller}:\\d+\\n`,
          "m",
        ),
      );

      const exit = await run("my.exit", "7");
      assert.equal(exit.code, 7);
      assert.match(exit.stderr, /E_FORM_FAILED {2}my\.exit: its process ended with exit code 7/);
      const code = await run("my.code");
      assert.deepEqual([code.code, code.stdout], [5, '"a value too"\n']);
      const killed = await run("my.killed");
      assert.equal(killed.code, 128 + 9);
      assert.match(killed.stderr, /ended by SIGKILL/);

      const slow = await run("--timeout", "0.3", "my.slow");
      assert.equal(slow.code, 124);
      assert.match(slow.stderr, /E_FORM_FAILED {2}my\.slow took longer than 0\.3 s/);

      const nested = await run("my.nested");
      assert.deepEqual(JSON.parse(nested.stdout), { value: "deep down", isOther: true });

      const entered = await run("--prerequest", 'my.enter "a, b", 3', "my.entered");
      assert.equal(entered.stdout, '"a, b 3"\n', entered.stderr);
    });
  }

  test("without the flags a separate zygote is used, with them a fork of the command itself", async (t) => {
    const scratch = made(t);
    const words = ["eval", "-v", "my.sum", "1", "2"];
    assert.match((await scratch.consfig(...words)).stderr, /^engine: separate, zygote \d+/);
    const forked = await scratch.spawn(flagged(words)).ended;
    assert.match(forked.stderr, /^engine: fork, zygote \d+/);
    const refused = await scratch.consfig("eval", "--engine", "fork", "my.sum", "1", "2");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /E_ZYGOTE_REFUSED .*\n +hint .*--engine separate/);
  });

  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    for (const engine of ["separate", "exec"]) {
      test(`${engine}: ${signal} ends the form's process and what it started`, async (t) => {
        const { child, ended, pids } = await slow(made(t), engine);
        child.kill(signal);
        const { code, stderr } = await ended;
        assert.equal(code, expected, stderr);
        assert.match(stderr, /^stopping: /m);
        await gone(pids);
      });
    }
  }

  test("the second signal leaves at once, and no process stays that heeds none", async (t) => {
    for (const engine of ["separate", "exec"]) {
      const { child, ended, pids } = await slow(made(t), engine, "my.deaf");
      child.kill("SIGINT");
      await wait(100);
      child.kill("SIGINT");
      assert.equal((await ended).code, 130);
      await gone(pids);
    }
  });

  test("when the command is killed, its processes end", async (t) => {
    for (const engine of ["separate", "exec"]) {
      const { child, ended, pids } = await slow(made(t), engine);
      child.kill("SIGKILL");
      await ended;
      await gone(pids);
    }
  });

  test("forms are listed, those of imported modules too, and evaluated from anywhere below", async (t) => {
    const scratch = made(t);
    const { code, stdout } = await scratch.consfig("eval", "--list");
    assert.equal(code, 0);
    const line = lineOf(consfig, '"my.sum"');
    assert.match(stdout, new RegExp(`^my\\.sum +consfig\\.ts:${line}:\\d+$`, "m"));
    assert.match(stdout, /^lib\.deep +lib\/deep\.ts:3:\d+$/m);
    assert.doesNotMatch(stdout, /zygote/);
    const json = await scratch.consfig("eval", "--list", "--json");
    const first = JSON.parse(json.stdout.split("\n")[0] ?? "");
    assert.deepEqual(first, { v: 1, type: "form", form: "lib.deep", at: "lib/deep.ts:3:21" });
    const below = await scratch.start(["eval", "lib.deep", '"x"'], {}, "lib").ended;
    assert.equal(below.stdout, '"deep x"\n', below.stderr);
  });

  test("JSON for programs", async (t) => {
    const scratch = made(t);
    const lines = async (...words: readonly string[]) => {
      const { stdout } = await scratch.consfig("eval", "--json", ...words);
      return stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    };
    const talk = await lines("my.talk");
    const output = talk.filter(({ type }) => type === "output");
    const all = (stream: string) =>
      output.flatMap((one) => (one.stream === stream ? one.text : [])).join("");
    assert.deepEqual([all("stdout"), all("stderr")], ["first\nthird", "second\n"]);
    const { v, type, form, ended, exitCode, value } = talk.at(-1);
    assert.deepEqual(
      [v, type, form, ended, exitCode, value],
      [1, "evaluated", "my.talk", "returned", 0, "x\u001b"],
    );
    const [failed] = (await lines("my.fail")).slice(-1);
    assert.deepEqual([failed.ended, failed.error.code], ["threw", "E_FORM_FAILED"]);
    const [unknown] = await lines("my.smu");
    assert.deepEqual([unknown.type, unknown.error.code], ["error", "E_UNKNOWN_FORM"]);
  });

  test("what cannot be evaluated is told before any process is made", async (t) => {
    const scratch = made(t);
    for (const [words, answer] of [
      [["my.smu"], /E_UNKNOWN_FORM {2}no form is called "my\.smu"\n +hint +did you mean my\.sum\?/],
      [["--prerequest", "my.enterr", "my.talk"], /E_UNKNOWN_FORM .*\n.*did you mean my\.enter/],
      [["my.sum", "1", "two"], /E_USAGE {2}argument 2 of my\.sum is no JSON: two\n.*quotes/],
      [["my.sum", "1", '"two"'], /E_FORM_DATA .*argument 2: .*expected number/],
      [["my.sum", "1"], /E_FORM_DATA /],
      [[], /E_USAGE {2}no form is given/],
      [["--timeout", "no", "my.talk"], /expected a number of seconds/],
    ] as const) {
      const { code, stdout, stderr } = await scratch.consfig("eval", ...words);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, answer);
    }
    scratch.write("consfig.ts", "export {};");
    const { stderr } = await scratch.consfig("eval", "my.sum");
    assert.match(stderr, /E_UNKNOWN_FORM .*\n +hint +the consfig defines none/);
  });

  test("code that does not load is told once; what the other process says of it, too", async (t) => {
    const scratch = made(t);
    for (const engine of ["separate", "exec"]) {
      const run = () => scratch.consfig("eval", "--engine", engine, "my.talk");
      scratch.write("consfig.ts", `${consfig}throw new Error("never loads");`);
      const here = await run();
      assert.equal(here.code, 1);
      assert.equal(here.stderr.match(/never loads/g)?.length, 1, here.stderr);
      const condition = '!process.argv.includes("eval")';
      scratch.write("consfig.ts", `${consfig}if (${condition}) throw new Error("only there");`);
      const there = await run();
      assert.deepEqual([there.code, there.stdout], [1, ""]);
      assert.match(there.stderr, /^E_\w+ .*ended .*\n(?:.*\n)*? +\| Error: only there/);
    }
  });

  test("as a user without uid 0", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("needs uid 0, to become another account");
    const scratch = made(t);
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const may = spawnSync(user[0] ?? "", [...user.slice(1), "test", "-r", main]);
    if (may.status !== 0) return t.skip("that user cannot read the compiled command");
    // The directory that each spec has of its own, which is this user's alone.
    const parent = path.dirname(scratch.directory);
    if (path.basename(parent).startsWith("cs-")) chmodSync(parent, 0o711);
    chownSync(scratch.directory, 65534, 65534);
    const words = [...user, process.execPath, main, "eval", "my.uid"];
    const { code, stdout, stderr } = await scratch.spawn(words).ended;
    assert.deepEqual([code, stdout], [0, "65534\n"], stderr);
  });
});
