/** Who has what in memory, found out by reading all of it. */
import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  evalInGrandchild,
  type Form,
  form,
  streamInGrandchild,
  type Zygote,
} from "../../zygote/index.js";
import { scenario } from "./scenario.js";

const hold = form("isolation.hold", {
  args: z.tuple([z.string(), z.number()]),
  // The text stays on the heap while the test looks.
  evaluate: async (text, ms) => {
    await sleep(ms);
    return text.length;
  },
});
/** With a prerequest a grandchild makes a zygote of its own. */
const prepare = form("isolation.prepare", { args: z.tuple([]), evaluate: () => {} });
const descriptors = form("isolation.descriptors", {
  args: z.tuple([]),
  evaluate: () =>
    readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
      } catch {
        return []; // the listing's own
      }
    }),
});

/** In how many places of a process's memory the text stands, in either of V8's representations. */
function occurrences(pid: number, text: string): number {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  let found = 0;
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (!from || !to) continue;
      const begin = Number.parseInt(from, 16);
      const bytes = Buffer.alloc(Number.parseInt(to, 16) - begin);
      try {
        const got = readSync(memory, bytes, 0, bytes.length, begin);
        for (const needle of [Buffer.from(text), Buffer.from(text, "utf16le")]) {
          let at = bytes.subarray(0, got).indexOf(needle);
          for (; at >= 0; at = bytes.subarray(0, got).indexOf(needle, at + 1)) found++;
        }
      } catch {
        // not readable
      }
    }
  } finally {
    closeSync(memory);
  }
  return found;
}

/** A text that no code contains, since it is put together only when it is asked for. */
const secret = (name: string) => `${name}-`.repeat(3) + String(process.pid).repeat(4);

/** Every process that knows neither the root's secret nor the request of a sibling is as it should be. */
async function assertApart(zygote: number, prerequest: Form | null): Promise<void> {
  const roots = secret("root");
  const [a, b] = [secret("first"), secret("second")];
  const evaluations = await Promise.all(
    [a, b].map((text) => streamInGrandchild(prerequest, hold(text, 60_000))),
  );
  await sleep(700);
  const [first, second] = evaluations.map((evaluation) => evaluation.pid) as [number, number];
  const nested = readdirSync("/proc").filter((one) => {
    try {
      const stat = readFileSync(`/proc/${one}/stat`, "latin1");
      return [first, second].includes(Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]));
    } catch {
      return false;
    }
  });
  assert.equal(nested.length, prerequest ? 2 : 0, "each has a zygote of its own");
  // Positive control: what is there is found.
  assert.ok(occurrences(process.pid, roots) > 0);
  assert.ok(occurrences(first, a) > 0);
  assert.ok(occurrences(second, b) > 0);
  for (const other of [zygote, first, second, ...nested.map(Number)]) {
    assert.equal(occurrences(other, roots), 0, `root's secret in ${other}`);
  }
  for (const other of [zygote, second, ...nested.map(Number)]) {
    assert.equal(occurrences(other, a), 0, `first request in ${other}`);
  }
  for (const other of [zygote, first, ...nested.map(Number)]) {
    assert.equal(occurrences(other, b), 0, `second request in ${other}`);
  }
  for (const evaluation of evaluations) {
    evaluation.stdout.resume();
    evaluation.stderr.resume();
    evaluation.kill("SIGKILL");
    assert.equal((await evaluation.outcome).signal, "SIGKILL");
  }
}

const inMemory = {
  "a secret of the root process and a sibling's request are nowhere else": ({ pid }: Zygote) =>
    assertApart(pid as number, null),
  "nor are they where each has a zygote of its own": ({ pid }: Zygote) =>
    assertApart(pid as number, prepare()),
};

const cases = {
  ...inMemory,
  "nothing but its own descriptors": async () => {
    const file = openSync("/etc/passwd", "r");
    const sibling = await streamInGrandchild(null, hold("x", 300));
    const { value = [] } = await evalInGrandchild(null, descriptors());
    closeSync(file);
    // Node talks to itself over eventfds, epoll sets and pipes of which it has both ends.
    const own = /anon_inode:\[(eventpoll|eventfd|io_uring)\]|\/dev\/null/;
    const targets = value.map((one) => one.replace(/^\d+ /, "")).filter((one) => !own.test(one));
    const others = targets.filter((one) => targets.filter((two) => two === one).length === 1);
    // Its two outputs, its conversation, and its socket to the zygote.
    assert.deepEqual(
      others.map((one) => one.replace(/\[\d+\]/, "")).toSorted(),
      ["pipe:", "pipe:", "socket:", "socket:"],
      value.join("\n"),
    );
    sibling.stdout.resume();
    sibling.stderr.resume();
    await sibling.outcome;
  },
};

await scenario(import.meta.url, ["forked", "separate"], cases, { asUid0: Object.keys(inMemory) });
