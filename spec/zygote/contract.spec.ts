/** What every zygote promises, however it makes its processes. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  ask,
  evalInGrandchild,
  form,
  type Listening,
  streamInGrandchild,
  tell,
} from "../../zygote/index.js";
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
const prepare = form("contract.prepare", {
  args: z.tuple([z.string()]),
  evaluate: (text) => {
    if (text === "") throw new Error("with nothing?");
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
const random = form("contract.random", {
  args: none,
  evaluate: () => [Math.random(), randomUUID(), randomInt(2 ** 40), crypto.randomUUID()],
});

/** Tells, asks twice at once, and tells what was answered. */
const converse = form("contract.converse", {
  args: z.tuple([]),
  evaluate: async () => {
    tell({ begins: true });
    const answers = await Promise.all([ask("one"), ask("two")]);
    tell(answers);
    return ask("bad").catch((error: { code: string; message: string }) => [
      error.code,
      error.message,
    ]);
  },
});
const early = form("contract.early", {
  args: none,
  evaluate: async () => {
    tell("early");
    await ask("too early");
  },
});

const plain = async (value: unknown) => evalInGrandchild(null, echo(value));

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
    const not = [
      () => {},
      new Date(),
      10n,
      new Map(),
      Symbol("s"),
      "\ud800",
      Number.NaN,
      -Infinity,
    ];
    for (const value of not) {
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
  "the prerequest comes first, in the same process": async () => {
    const { value } = await evalInGrandchild(prepare("well"), prepared());
    assert.equal(value, "well");
    const failed = await evalInGrandchild(prepare(""), prepared());
    assert.deepEqual([failed.ended, failed.error?.message], ["threw", "with nothing?"]);
  },
  "a conversation meanwhile": async () => {
    const told: unknown[] = [];
    const options: Listening = {
      onTold: (value) => told.push(value),
      answer: async (question) => {
        if (question === "bad") throw new Error("not that");
        await sleep(question === "one" ? 20 : 1);
        return { answer: question };
      },
    };
    const { value, stderr } = await evalInGrandchild(null, converse(), options);
    assert.deepEqual(value, ["E_NO_ANSWER", "not that"], stderr);
    assert.deepEqual(told, [{ begins: true }, [{ answer: "one" }, { answer: "two" }]]);
    const lonely = await evalInGrandchild(null, converse());
    assert.deepEqual([lonely.ended, lonely.error?.code], ["threw", "E_NO_ANSWER"]);
    // It ends at the first of two refusals, while this process is too busy for the second.
    const late = await evalInGrandchild(null, converse(), {
      answer: async (question) => {
        if (question === "two") {
          await sleep(1);
          for (const until = Date.now() + 200; Date.now() < until; );
        }
        throw new Error(`no answer to ${question}`);
      },
    });
    assert.deepEqual([late.ended, late.error?.message], ["threw", "no answer to one"]);
    const tooEarly = await evalInGrandchild(early(), prepared(), options);
    assert.deepEqual([tooEarly.ended, tooEarly.error?.code], ["threw", "E_NO_ANSWER"]);
    assert.equal(told.at(-1), "early");
    await assert.rejects(
      evalInGrandchild(null, converse(), {
        onTold: () => {
          throw new Error("the listener's own");
        },
      }),
      { message: "the listener's own" },
    );
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
