/** A zygote that is killed, stopped or short of something: its clients are told, and nobody else suffers. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  evalInGrandchild,
  form,
  startZygote,
  streamInGrandchild,
  unshareNamespaces,
  type Zygote,
} from "../../zygote/index.js";
import { scenario } from "./scenario.js";

const none = z.tuple([]);

const length = form("troubles.length", {
  args: z.tuple([z.string()]),
  evaluate: (text) => text.length,
});
const rest = form("troubles.rest", { args: z.tuple([z.number()]), evaluate: (ms) => sleep(ms) });
/** How each of so many at once ends. */
const ask = form("troubles.ask", {
  args: z.tuple([z.number()]),
  evaluate: (count) =>
    Promise.all(
      Array.from({ length: count }, () =>
        evalInGrandchild(null, rest(500)).then(
          ({ ended }) => String(ended),
          (error: { code: string }) => error.code,
        ),
      ),
    ),
});
const unsharePids = form("troubles.unsharePids", {
  args: none,
  evaluate: () => unshareNamespaces("pid"),
});
/** Kills its own zygote while that has a process, and says whom its client kills thereupon. */
const killZygote = form("troubles.killZygote", {
  args: none,
  evaluate: async () => {
    const asked = evalInGrandchild(null, rest(5000)).catch((error: Error) => error.message);
    await sleep(100);
    const killed: number[] = [];
    const { kill } = process;
    process.kill = (pid) => {
      killed.push(pid);
      return true;
    };
    for (const child of childrenOf(process.pid)) kill.call(process, child, "SIGKILL");
    return { told: String(await asked), killed };
  },
});

function childrenOf(pid: number | undefined): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
  return children.split(" ").filter(Boolean).map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

/** With a zygote that is for this alone, instead of the other one: a process has one at a time. */
async function withZygote(other: Zygote, work: (zygote: Zygote) => Promise<void>): Promise<void> {
  await other.close();
  const zygote = await startZygote();
  try {
    await work(zygote);
  } finally {
    await zygote.close();
  }
}

const died = { code: "E_ZYGOTE_DIED", message: /SIGKILL/ };

await scenario(import.meta.url, ["forked"], {
  "killed before it has read what it was asked": (other) =>
    withZygote(other, async (zygote) => {
      process.kill(zygote.pid as number, "SIGSTOP");
      const asked = [1, 10, 100_000, 1_000_000].map((count) =>
        assert.rejects(evalInGrandchild(null, length("x".repeat(count)), { zygote }), died),
      );
      await sleep(50);
      process.kill(zygote.pid as number, "SIGKILL");
      // An 'error' event that nobody listens for would end this program here.
      await Promise.all(asked);
    }),
  "stopped: whoever gives up does not wait for it, and closing ends it": async (other) => {
    let pids: readonly number[] = [];
    await withZygote(other, async (zygote) => {
      await evalInGrandchild(null, length(""), { zygote });
      await sleep(50);
      pids = [zygote.pid as number, ...childrenOf(zygote.pid)];
      process.kill(zygote.pid as number, "SIGSTOP");
      const controller = new AbortController();
      const options = { zygote, signal: controller.signal };
      const asked = evalInGrandchild(null, length("x"), options);
      setTimeout(() => controller.abort(new Error("given up")), 100);
      await assert.rejects(asked, { message: "given up" });
    });
    await sleep(50);
    assert.deepEqual(pids.filter(isRunning), []);
  },
  "without descriptors: requests are refused, and never forgotten": (other) =>
    withZygote(other, async (zygote) => {
      const limitTo = (count: number) =>
        execFileSync("prlimit", ["--pid", String(zygote.pid), `--nofile=${count}:`]);
      // Fewer than it has open: the kernel drops those that come with a request.
      limitTo(8);
      const first = evalInGrandchild(null, length("x"), { zygote });
      const late = sleep(5000, "never answered", { ref: false });
      await assert.rejects(Promise.race([first, late]), { code: "E_GRANDCHILD_REFUSED" });
      // In between, they come, and there are none left for a client's socket.
      limitTo(40);
      const several = Array.from({ length: 4 }, () =>
        evalInGrandchild(null, ask(10), { zygote, timeoutMs: 5000 }),
      );
      const ends = (await Promise.all(several)).flatMap(({ value }) => value ?? ["none"]);
      assert.equal(ends.length, 40);
      assert.deepEqual([...new Set(ends)].toSorted(), ["E_GRANDCHILD_REFUSED", "returned"]);
    }),
  "told to end in its first moment, a process ends at once": (other) =>
    withZygote(other, async (zygote) => {
      for (let round = 0; round < 20; round++) {
        const evaluation = await streamInGrandchild(null, rest(5000), { zygote });
        evaluation.kill("SIGTERM");
        assert.equal((await evaluation.outcome).signal, "SIGTERM");
        evaluation.stdout.resume();
        evaluation.stderr.resume();
      }
    }),
  "a spare that was killed is replaced after the next request": (other) =>
    withZygote(other, async (zygote) => {
      for (let round = 0; round < 2; round++) {
        await evalInGrandchild(null, length(""), { zygote });
        await sleep(100);
        const [spare, ...others] = childrenOf(zygote.pid);
        assert.ok(spare !== undefined && others.length === 0);
        process.kill(spare, "SIGKILL");
        await sleep(100);
        assert.deepEqual(childrenOf(zygote.pid), []);
      }
    }),
  "a process with more descriptors than anybody expects": async (other) => {
    const opened = Array.from({ length: 1200 }, () => openSync("/dev/null", "r"));
    await withZygote(other, async (zygote) => {
      assert.equal((await evalInGrandchild(null, length("x"), { zygote })).value, 1);
    });
    for (const fd of opened) closeSync(fd);
  },
  "what the root process does meanwhile is done once": async (other) => {
    const directory = mkdtempSync(path.join(os.tmpdir(), "troubles-"));
    const file = path.join(directory, "done");
    const meanwhile = async () => {
      for (let step = 0; step < 200; step++) await undefined;
      appendFileSync(file, `${process.pid}\n`);
    };
    await other.close();
    await sleep(5); // nothing else is pending
    const done = meanwhile();
    await withZygote(other, async (zygote) => {
      await evalInGrandchild(null, length("x"), { zygote });
    });
    await done;
    assert.equal(readFileSync(file, "latin1"), `${process.pid}\n`);
    rmSync(directory, { recursive: true });
  },
  "the numbers of a zygote's own pid namespace are nobody's elsewhere": (other) =>
    withZygote(other, async () => {
      if (process.getuid?.() !== 0) return;
      const { value } = await evalInGrandchild(unsharePids(), killZygote());
      assert.match(value?.told ?? "", /was ended by SIGKILL/);
      assert.deepEqual(value?.killed, []);
    }),
});
