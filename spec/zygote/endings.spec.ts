/** However a grandchild ends, it is told truthfully, and what it has started ends with it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { evalInGrandchild, form } from "../../zygote/index.js";
import { scenario } from "./scenario.js";

const none = z.tuple([]);

const fail = form("endings.fail", {
  args: z.tuple([
    z.enum([
      "throws",
      "rejects",
      "throwsLater",
      "rejectsLater",
      "exits",
      "exitCode",
      "kill",
      "hangs",
      "sleeps",
    ]),
  ]),
  evaluate: async (how) => {
    const error = Object.assign(new RangeError("it went wrong"), { code: "E_WRONG" });
    switch (how) {
      case "throws":
        throw error;
      case "rejects":
        return Promise.reject(error);
      case "throwsLater":
        setTimeout(() => {
          throw error;
        }, 1);
        return sleep(5000);
      case "rejectsLater":
        void Promise.reject(error);
        return sleep(5000);
      case "exits":
        process.on("exit", (code) => console.log(`exits with ${code}`));
        return process.exit(7);
      case "exitCode":
        process.exitCode = 9;
        return "done";
      case "kill":
        process.kill(process.pid, "SIGUSR2");
        return sleep(5000);
      case "sleeps":
        return sleep(60_000);
      case "hangs":
        return new Promise(() => {});
    }
  },
});
const handled = form("endings.handled", {
  args: none,
  evaluate: async () => {
    const caught: string[] = [];
    process.on("uncaughtException", (error) => caught.push(error.message));
    process.once("SIGUSR2", () => caught.push("SIGUSR2"));
    setTimeout(() => {
      throw new Error("one");
    }, 1);
    void Promise.reject(new Error("two"));
    await sleep(20);
    process.kill(process.pid, "SIGUSR2");
    await sleep(20);
    return caught;
  },
});
const leave = form("endings.leave", {
  args: none,
  evaluate: () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    return child.pid ?? 0;
  },
});

/** Last acts, after the form has returned. */
const farewell = form("endings.farewell", {
  args: z.tuple([z.enum(["exitCode", "exits", "throws", "prints"])]),
  evaluate: (how) => {
    process.on("exit", () => {
      if (how === "exitCode") process.exitCode = 8;
      if (how === "exits") process.exit(6);
      if (how === "throws") throw new Error("at the very end");
      if (how === "prints") process.stdout.write("z".repeat(300_000));
    });
    return "done";
  },
});

const echo = form("endings.echo", { args: z.tuple([z.number()]), evaluate: (value) => value });

const kinds = ["forked", "separate", "execed"] as const;

await scenario(import.meta.url, kinds, {
  "every way to end is told": async () => {
    for (const how of ["throws", "rejects", "throwsLater", "rejectsLater"] as const) {
      const { ended, exitCode, error, stderr, value } = await evalInGrandchild(null, fail(how));
      assert.deepEqual([ended, exitCode, value], ["threw", 1, undefined], how);
      assert.deepEqual(
        [error?.name, error?.message, error?.code],
        ["RangeError", "it went wrong", "E_WRONG"],
      );
      assert.match(stderr, /RangeError.*it went wrong/s);
    }
    const exits = await evalInGrandchild(null, fail("exits"));
    assert.deepEqual([exits.ended, exits.exitCode, exits.stdout], ["exited", 7, "exits with 7\n"]);
    const exitCode = await evalInGrandchild(null, fail("exitCode"));
    assert.deepEqual([exitCode.ended, exitCode.exitCode, exitCode.value], ["returned", 9, "done"]);
    const killed = await evalInGrandchild(null, fail("kill"));
    assert.deepEqual(
      [killed.ended, killed.exitCode, killed.signal],
      ["signalled", null, "SIGUSR2"],
    );
    const hangs = await evalInGrandchild(null, fail("hangs"));
    assert.deepEqual([hangs.ended, hangs.exitCode], ["exited", 13]);
  },
  "handlers of the form's own are heeded": async () => {
    const { value } = await evalInGrandchild(null, handled());
    assert.deepEqual(value?.toSorted(), ["SIGUSR2", "one", "two"]);
  },
  "what it started and did not let go ends with it": async () => {
    const { value: pid } = await evalInGrandchild(null, leave());
    await sleep(50);
    assert.ok(!isRunning(pid as number));
  },
  "a time limit": async () => {
    const outcome = await evalInGrandchild(null, fail("sleeps"), { timeoutMs: 100 });
    assert.deepEqual([outcome.ended, outcome.signal], ["timedOut", "SIGTERM"]);
  },
  cancelled: async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("not wanted any more")), 100);
    const asked = evalInGrandchild(null, fail("sleeps"), { signal: controller.signal });
    await assert.rejects(asked, { message: "not wanted any more" });
    const late = evalInGrandchild(null, echo(1), { signal: controller.signal });
    await assert.rejects(late, { message: "not wanted any more" });
  },
  "what is done at the very end counts": async () => {
    const exitCode = await evalInGrandchild(null, farewell("exitCode"));
    assert.deepEqual([exitCode.ended, exitCode.exitCode, exitCode.value], ["returned", 8, "done"]);
    const exits = await evalInGrandchild(null, farewell("exits"));
    assert.equal(exits.exitCode, 6);
    const prints = await evalInGrandchild(null, farewell("prints"));
    assert.deepEqual([prints.value, prints.stdout.length], ["done", 300_000]);
    const throws = await evalInGrandchild(null, farewell("throws"));
    assert.notEqual(throws.exitCode, 0);
    assert.match(throws.stderr, /at the very end/);
  },
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
