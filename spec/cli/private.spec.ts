/** The memory of the command and of its processes is nobody else's to look at. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { requiredFlags } from "../../zygote/preconditions.js";
import { family, processes } from "../helpers/processes.js";
import { main, Scratch } from "./command.js";

const consfig = `import { form, host } from "consfigurator";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

form("my.waits", {
  args: z.tuple([]),
  evaluate: async () => {
    console.log("it waits");
    await sleep(60_000);
  },
});
form("my.spins", {
  args: z.tuple([]),
  evaluate: () => {
    console.log("it spins");
    for (;;);
  },
});
export const it = host("it");
`;

const engines = {
  separate: [],
  fork: requiredFlags,
  exec: [],
} as const;

describe("a command under way", () => {
  for (const [engine, flags] of Object.entries(engines)) {
    test(`no process of it dumps core or opens a debugger (${engine})`, async (t) => {
      const scratch = new Scratch(t);
      scratch.write("consfig.ts", consfig);
      const words = [process.execPath, ...flags, main, "eval", "--engine", engine, "my.waits"];
      const running = scratch.spawn(["sh", "-c", `ulimit -c unlimited; exec "$@"`, "sh", ...words]);
      await running.printed("it waits");
      await sleep(1000); // processes that are started ahead load their modules meanwhile
      const ours = family(Number(running.child.pid)).filter(isNode);
      assert.ok(ours.length >= 2, JSON.stringify(ours));
      for (const { pid, command } of ours) {
        const limits = readFileSync(`/proc/${pid}/limits`, "latin1");
        assert.match(limits, /^Max core file size +0 /m, command);
        process.kill(pid, "SIGUSR1");
      }
      await sleep(500);
      const listening = readFileSync("/proc/net/tcp", "latin1");
      assert.doesNotMatch(listening, /:240D .* 0A /, "a debugger listens");
      assert.equal(running.child.exitCode, null);
      running.child.kill("SIGTERM");
      const { stderr } = await running.ended;
      assert.doesNotMatch(stderr, /Debugger listening/);
    });
  }

  for (const [engine, flags] of Object.entries(engines)) {
    test(`it is killed, and its busy form ends with it (${engine})`, async (t) => {
      const scratch = new Scratch(t);
      scratch.write("consfig.ts", consfig);
      const words = [process.execPath, ...flags, main, "eval", "--engine", engine, "my.spins"];
      const running = scratch.spawn(words);
      await running.printed("it spins");
      const ours = family(Number(running.child.pid)).map(({ pid }) => pid);
      running.child.kill("SIGKILL");
      await running.ended;
      const left = () => processes().filter(({ pid }) => ours.includes(pid));
      for (let tries = 0; tries < 100 && left().length > 0; tries++) await sleep(50);
      assert.deepEqual(left(), []);
    });
  }
});

/** What its program is can be asked of no private process, but what it was called with can. */
function isNode({ command }: { readonly command: string }): boolean {
  return command.startsWith(`${process.execPath} `);
}
