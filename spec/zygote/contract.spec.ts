/** What every zygote promises, however it makes its processes. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { evalInGrandchild, form, streamInGrandchild } from "../../zygote/index.js";
import { scenario } from "./scenario.js";

const none = z.tuple([]);

const echo = form("contract.echo", {
  args: z.tuple([z.unknown()]),
  evaluate: (value) => value,
});
const self = form("contract.self", {
  args: none,
  evaluate: async () => {
    await sleep(1);
    return {
      pid: process.pid,
      real: Number(readFileSync("/proc/self/stat", "latin1").split(" ")[0]),
    };
  },
});
const print = form("contract.print", {
  args: z.tuple([z.number(), z.string()]),
  evaluate: (bytes, text) => {
    process.stdout.write(text.repeat(bytes / text.length));
    console.log("last");
    console.error("complaint");
  },
});
const fail = form("contract.fail", {
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
const handled = form("contract.handled", {
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
const prepare = form("contract.prepare", {
  args: z.tuple([z.string()]),
  evaluate: (text) => {
    process.env.PREPARED = text;
  },
});
const prepared = form("contract.prepared", {
  args: none,
  evaluate: () => process.env.PREPARED ?? "",
});
const depth = form("contract.depth", {
  args: z.tuple([z.number()]),
  evaluate: async (levels): Promise<number[]> => {
    if (levels === 0) return [process.pid];
    const inner = await evalInGrandchild(null, depth(levels - 1));
    return [process.pid, ...(inner.value ?? [])];
  },
});
const work = form("contract.work", {
  args: none,
  evaluate: async () => {
    const child = spawn("sh", ["-c", "cat; exit 3"], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end("through a pipe");
    const printed = (await child.stdout.toArray()).join("");
    const [code] = (await once(child, "close")) as [number];
    const { basename } = await import("node:path");
    return {
      printed,
      code,
      sync: execFileSync("echo", ["sync"], { encoding: "utf8" }),
      file: basename((await readFile("/proc/self/comm", "utf8")).trim()) !== "",
      stdin: (await process.stdin.toArray()).length,
    };
  },
});
const leave = form("contract.leave", {
  args: none,
  evaluate: () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    return child.pid ?? 0;
  },
});
const random = form("contract.random", {
  args: none,
  evaluate: () => [Math.random(), randomUUID(), randomInt(2 ** 40), crypto.randomUUID()],
});

const plain = (value: unknown) => evalInGrandchild(null, echo(value));

await scenario(import.meta.url, ["forked", "separate", "execed"], {
  "a value comes back as it was": async () => {
    const bytes = new Uint8Array([0, 1, 255]);
    for (const value of [
      null,
      true,
      0,
      -1.5,
      2 ** 53,
      "é\n😀",
      [],
      {},
      { a: [{ b: "c" }] },
      bytes,
    ]) {
      const { value: back, ended, exitCode, signal } = await plain(value);
      assert.deepEqual(
        [back, ended, exitCode, signal],
        [value instanceof Uint8Array ? Buffer.from(value) : value, "returned", 0, null],
      );
    }
    const large = "x".repeat(10_000_000);
    assert.equal((await plain(large)).value, large);
  },
  "what cannot be sent is refused before anything happens": async () => {
    for (const value of [() => {}, new Date(), 10n, new Map(), Symbol("s"), "\ud800"]) {
      await assert.rejects(plain({ deep: [value] }), { code: "E_FRAME" });
    }
    const { error } = await evalInGrandchild(null, { form: "contract.nothing", args: [] });
    assert.equal(error?.code, "E_UNKNOWN_FORM");
    assert.throws(() => depth("x" as unknown as number), { code: "E_FORM_DATA" });
  },
  "each form has a process of its own, which knows who it is": async ({ kind }) => {
    const all = await Promise.all(Array.from({ length: 5 }, () => evalInGrandchild(null, self())));
    for (const { pid, value } of all) assert.deepEqual(value, { pid, real: pid }, kind);
    assert.equal(new Set(all.map(({ pid }) => pid)).size, 5);
    await Promise.all(all.map(({ gone }) => gone));
    assert.ok(all.every(({ pid }) => !existsSync(`/proc/${pid}`)));
  },
  "what is printed arrives whole, or cut in the middle and counted": async () => {
    const whole = await evalInGrandchild(null, print(400_000, "0123456789"));
    assert.equal(whole.stdout, `${"0123456789".repeat(40_000)}last\n`);
    assert.equal(whole.stderr, "complaint\n");
    const cut = await evalInGrandchild(null, print(400_000, "0123456789"), { outputLimit: 100 });
    assert.equal(cut.dropped.stdout, 400_005 - 200);
    assert.match(cut.stdout, /^(0123456789){10}\n\[399805 bytes dropped\]\n.*last\n$/s);
  },
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
  "the prerequest comes first, in the same process": async () => {
    const { value } = await evalInGrandchild(prepare("well"), prepared());
    assert.equal(value, "well");
    const failed = await evalInGrandchild(fail("throws"), prepared());
    assert.deepEqual([failed.ended, failed.error?.message], ["threw", "it went wrong"]);
  },
  "nested to any depth": async () => {
    const { value, stderr } = await evalInGrandchild(null, depth(4));
    assert.equal(new Set(value).size, 5, stderr);
    const { error } = await evalInGrandchild(null, depth(1), { nested: false });
    assert.equal(error?.code, "E_NO_ZYGOTE");
  },
  "a normal event loop: processes, files, imports": async () => {
    const { value, stderr } = await evalInGrandchild(null, work());
    assert.deepEqual(
      value,
      { printed: "through a pipe", code: 3, sync: "sync\n", file: true, stdin: 0 },
      stderr,
    );
  },
  "what it started and did not let go ends with it": async () => {
    const { value: pid } = await evalInGrandchild(null, leave());
    await sleep(50);
    assert.ok(!isRunning(pid as number));
  },
  "a time limit": async () => {
    const begun = Date.now();
    const outcome = await evalInGrandchild(null, fail("sleeps"), { timeoutMs: 100 });
    assert.deepEqual([outcome.ended, outcome.signal], ["timedOut", "SIGTERM"]);
    assert.ok(Date.now() - begun < 1500);
  },
  cancelled: async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("not wanted any more")), 100);
    const asked = evalInGrandchild(null, fail("sleeps"), { signal: controller.signal });
    await assert.rejects(asked, { message: "not wanted any more" });
    const late = evalInGrandchild(null, echo(1), { signal: controller.signal });
    await assert.rejects(late, { message: "not wanted any more" });
  },
  streamed: async () => {
    const evaluation = await streamInGrandchild(null, print(1_000_000, "x"));
    evaluation.stderr.resume();
    let bytes = 0;
    for await (const piece of evaluation.stdout) bytes += (piece as Buffer).length;
    assert.equal(bytes, 1_000_005);
    assert.equal((await evaluation.outcome).ended, "returned");
  },
  "no two draw the same": async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, () => evalInGrandchild(null, random())),
    );
    const drawn = all.flatMap(({ value }) => value ?? []);
    assert.equal(drawn.length, 24);
    assert.equal(new Set(drawn).size, 24);
  },
  "many at once": async () => {
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, i) => evalInGrandchild(null, echo(i), { nested: false })),
    );
    assert.deepEqual(
      all.map(({ value }) => value),
      Array.from({ length: 30 }, (_, i) => i),
    );
  },
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
