/** What a form has started, and has left its group, ends with it; what is to go on does. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  evalInGrandchild,
  form,
  type GrandchildRefused,
  streamInGrandchild,
  type Zygote,
} from "../../zygote/index.js";
import { processes } from "../helpers/processes.js";
import { scenario } from "./scenario.js";

const endings = ["returns", "throws", "exits", "hangs", "spins", "kills itself"] as const;
/** It starts a daemon, and a daemon of a daemon, and ends in that way. */
const starts = form("orphans.starts", {
  args: z.tuple([z.string(), z.enum(endings)]),
  evaluate: async (word, how) => {
    const lasts = `exec tail -f /dev/null ${word}`;
    const daemons = `cd /proc; setsid sh -c 'setsid sh -c "${lasts}" & ${lasts}' >/dev/null 2>&1 &`;
    spawnSync("sh", ["-c", daemons]);
    while (countOf(word) < 2) await sleep(5);
    if (how === "throws") throw new Error("it failed");
    if (how === "exits") process.exit(3);
    if (how === "hangs") await sleep(60_000);
    if (how === "kills itself") process.kill(process.pid, "SIGKILL");
    while (how === "spins");
  },
});
/** As many grandchildren as there may be, and one more. */
const tooMany = form("orphans.tooMany", {
  args: z.tuple([]),
  evaluate: async () => {
    const { currentZygote } = await import("../../zygote/current.js");
    const zygote = await currentZygote();
    const spawned = await Promise.allSettled(
      Array.from({ length: 257 }, () =>
        zygote.spawn(Buffer.alloc(0), { isClient: false, leavesProcesses: false }),
      ),
    );
    const refused = spawned.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    return refused.map((error: GrandchildRefused) => [error.code, error.message] as const);
  },
});

function named(word: string) {
  return processes().filter(({ command }) => command.endsWith(word));
}

function countOf(word: string): number {
  return named(word).filter(({ command }) => command.startsWith("tail")).length;
}

async function untilNone(word: string): Promise<void> {
  for (let tries = 0; tries < 100 && named(word).length > 0; tries++) await sleep(20);
  assert.deepEqual(named(word), []);
}

let words = 0;
const newWord = () => `word-${process.pid}-${++words}`;

await scenario(import.meta.url, ["forked", "separate"], {
  ...Object.fromEntries(
    endings.map((how) => [
      `a form that ${how}`,
      async () => {
        const word = newWord();
        const timed = ["hangs", "spins"].includes(how) ? { timeoutMs: 1500 } : {};
        const { gone } = await evalInGrandchild(null, starts(word, how), timed);
        await gone;
        assert.deepEqual(named(word), []);
      },
    ]),
  ),
  "beside others, which go on": async () => {
    const [mine, others] = [newWord(), newWord()];
    const other = await streamInGrandchild(null, starts(others, "hangs"));
    while (countOf(others) < 2) await sleep(5);
    await (await evalInGrandchild(null, starts(mine, "returns"))).gone;
    assert.deepEqual([named(mine).length, countOf(others)], [0, 2]);
    other.kill("SIGKILL");
    await (await other.outcome).gone;
    assert.deepEqual(named(others), []);
  },
  "what may go on does, also when others end": async () => {
    const word = newWord();
    const options = { leavesProcesses: true };
    await (await evalInGrandchild(null, starts(word, "returns"), options)).gone;
    const mine = newWord();
    await (await evalInGrandchild(null, starts(mine, "throws"))).gone;
    assert.deepEqual([countOf(word), named(mine).length], [2, 0]);
    for (const { pid } of named(word)) process.kill(pid, "SIGKILL");
    await untilNone(word);
  },
  "no more grandchildren than the limit": async () => {
    const { value } = await evalInGrandchild(null, tooMany(), { timeoutMs: 60_000 });
    assert.deepEqual(value, [
      ["E_GRANDCHILD_REFUSED", "the zygote cannot make a grandchild: this process has too many"],
    ]);
  },
  "they do not outlive the zygote": async (zygote: Zygote) => {
    const word = newWord();
    const running = await streamInGrandchild(null, starts(word, "hangs"));
    running.outcome.catch(() => {});
    while (countOf(word) < 2) await sleep(5);
    process.kill(Number(zygote.pid), "SIGTERM");
    await untilNone(word);
  },
});
