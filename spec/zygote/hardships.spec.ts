/** Forms that do what forms seldom do: they are evaluated all the same, and what happened is told. */
import assert from "node:assert/strict";
import { closeSync, fstatSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { encodeFrame } from "../../zygote/frames.js";
import { evalInGrandchild, form } from "../../zygote/index.js";
import { scenario } from "./scenario.js";

const none = z.tuple([]);

const rest = form("hardships.rest", {
  args: z.tuple([z.number()]),
  evaluate: async (ms) => {
    await sleep(ms);
    return "rested";
  },
});
const restNested = form("hardships.restNested", {
  args: z.tuple([z.number()]),
  evaluate: async (ms) => {
    const { ended, exitCode } = await evalInGrandchild(null, rest(ms));
    return [ended, exitCode];
  },
});
const thenable = form("hardships.thenable", {
  args: none,
  evaluate: () => JSON.parse('{"then":1}') as object,
});
const fail = form("hardships.fail", {
  args: z.tuple([z.enum(["half", "long"])]),
  evaluate: (how): void => {
    throw new RangeError(how === "half" ? "half of \ud800" : "x".repeat(20_000_000));
  },
});
const fill = form("hardships.fill", {
  args: z.tuple([z.number()]),
  evaluate: (count) => Array.from({ length: count }, () => 1),
});
const replaceExit = form("hardships.replaceExit", {
  args: z.tuple([z.boolean()]),
  evaluate: (throws) => {
    process.on("exit", () => {});
    process.exit = (() => {}) as typeof process.exit;
    if (throws) throw new Error("thrown");
    return "returned";
  },
});
const promiseLastWords = form("hardships.promiseLastWords", {
  args: none,
  evaluate: () => {
    const self = process.pid;
    process.on("exit", () => process.stdout.write(`last words of ${self} in ${process.pid}\n`));
  },
});
const nothing = form("hardships.nothing", { args: none, evaluate: () => {} });
const evaluateNothing = form("hardships.evaluateNothing", {
  args: none,
  evaluate: async () => (await evalInGrandchild(null, nothing())).stdout,
});
/** Answers by itself, on whatever descriptor that may be, and goes on. */
const outlive = form("hardships.outlive", {
  args: none,
  evaluate: () => {
    for (let fd = 3; fd < 64; fd++) {
      try {
        if (!fstatSync(fd).isSocket()) continue;
        writeSync(fd, encodeFrame({ kind: "returned", exitCode: 0, value: "answered" }));
        closeSync(fd);
      } catch {
        // not open
      }
    }
    return sleep(60_000);
  },
});

await scenario(import.meta.url, ["forked", "separate"], {
  "a nested form waits for a timer alone, after a prerequest that waited as well": async () => {
    const { value } = await evalInGrandchild(rest(1), restNested(3000));
    assert.deepEqual(value, ["returned", 0]);
  },
  "what a prerequest does at the very end, it does once": async () => {
    const { value, stdout, pid } = await evalInGrandchild(promiseLastWords(), evaluateNothing());
    assert.deepEqual([value, stdout], ["", `last words of ${pid} in ${pid}\n`]);
  },
  "a process that goes on after its reply does not keep its turn": async () => {
    const evaluation = await evalInGrandchild(null, outlive(), { nested: false });
    assert.equal(evaluation.value, "answered");
    const late = sleep(5000, "late", { ref: false });
    assert.equal(await Promise.race([evaluation.gone, late]), undefined);
  },
  "process.exit was replaced by something that does not exit": async () => {
    const options = { timeoutMs: 2000 };
    const returned = await evalInGrandchild(null, replaceExit(false), options);
    assert.deepEqual([returned.ended, returned.value], ["returned", "returned"]);
    const threw = await evalInGrandchild(null, replaceExit(true), options);
    assert.deepEqual([threw.ended, threw.error?.message], ["threw", "thrown"]);
  },
  "a value with a `then` that is no function": async () => {
    const { value } = await evalInGrandchild(null, thenable());
    assert.deepEqual(Object.entries(value ?? {}), [["then", 1]]);
  },
  "a time limit longer than timers can have": async () => {
    for (const timeoutMs of [2 ** 31, Number.POSITIVE_INFINITY]) {
      assert.equal((await evalInGrandchild(null, rest(50), { timeoutMs })).value, "rested");
    }
  },
  "an error whose text cannot be sent, or not all of it": async () => {
    const half = await evalInGrandchild(null, fail("half"));
    assert.deepEqual([half.error?.name, half.error?.message], ["RangeError", "half of \ufffd"]);
    const long = await evalInGrandchild(null, fail("long"));
    assert.equal(long.error?.name, "RangeError");
    assert.match(long.error?.message ?? "", /^x{1000}.*… \(20000000 characters\)$/s);
  },
  "more values than a frame may have are refused by whoever sends them": async () => {
    const { ended, error } = await evalInGrandchild(null, fill(1_000_001));
    assert.deepEqual([ended, error?.code], ["threw", "E_FRAME"]);
    assert.equal((await evalInGrandchild(null, fill(900_000))).value?.length, 900_000);
  },
});
