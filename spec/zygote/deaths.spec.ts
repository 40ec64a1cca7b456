/** Whoever is killed, whoever waits is told which one it was, and nothing is left. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { evalInGrandchild, form, requiredFlags, startZygote } from "../../zygote/index.js";

/** With a prerequest a grandchild makes a zygote of its own. */
const prepare = form("deaths.prepare", { args: z.tuple([]), evaluate: () => {} });

/** Tells its own pid and its parent's, starts a process, and goes one deeper or waits. */
const descend = form("deaths.descend", {
  args: z.tuple([z.number()]),
  evaluate: async (levels): Promise<unknown> => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    process.stdout.write(`${process.ppid} ${process.pid} ${child.pid}\n`);
    if (levels === 0) return sleep(60_000);
    const { streamInGrandchild } = await import("../../zygote/index.js");
    const inner = await streamInGrandchild(null, descend(levels - 1));
    inner.stderr.resume();
    inner.stdout.pipe(process.stdout);
    const { signal, pid } = await inner.outcome;
    return `${pid} ended by ${signal}`;
  },
});

const file = fileURLToPath(import.meta.url);
if (process.argv[1] === file && process.env.DEATHS_ROOT) await root();
else if (process.argv[1] === file) spec();

/** Starts two levels of grandchildren, and prints how it ends. */
async function root(): Promise<void> {
  const { streamInGrandchild } = await import("../../zygote/index.js");
  const zygote = await startZygote();
  const evaluation = await streamInGrandchild(
    process.env.DEATHS_ROOT === "shared" ? null : prepare(),
    descend(1),
  );
  evaluation.stderr.pipe(process.stderr);
  evaluation.stdout.pipe(process.stdout, { end: false });
  process.stdout.write(`${process.pid} ${zygote.pid} 0\n`);
  try {
    const { ended, signal, value, error } = await evaluation.outcome;
    process.stdout.write(
      `told ${JSON.stringify({ ended, signal, value, error: error?.message })}\n`,
    );
    await zygote.close();
  } catch (error) {
    process.stdout.write(`told ${JSON.stringify({ error: (error as Error).message })}\n`);
    await assert.rejects(evalInGrandchild(null, descend(0)), { code: "E_ZYGOTE_DIED" });
  }
}

function spec(): void {
  const victims = {
    own: ["root", "zygote", "grandchild", "nested zygote", "nested grandchild"],
    shared: ["root", "zygote", "grandchild", "nested grandchild"],
  };
  for (const [zygotes, names] of Object.entries(victims)) {
    for (const victim of names) {
      // At several moments: while all come to be, and when all wait.
      for (const moment of [0, 3, 10, 300]) {
        test(`${victim}, after ${moment} ms, ${zygotes}`, () => kill(victim, moment, zygotes));
      }
    }
  }
}

async function kill(victim: string, moment: number, zygotes: string): Promise<void> {
  const program = spawn(process.execPath, [...requiredFlags, file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DEATHS_ROOT: zygotes, NODE_TEST_CONTEXT: "" },
  });
  const exited = once(program, "exit");
  const pids = new Map<string, number>();
  let told = "";
  let killedAt = 0;
  for await (const line of createInterface(program.stdout)) {
    if (line.startsWith("told ")) {
      told = line;
      continue;
    }
    const [parent, self] = line.split(" ").map(Number) as [number, number];
    if (parent === program.pid) pids.set("root", parent).set("zygote", self);
    else if (zygotes === "shared")
      pids.set(pids.has("grandchild") ? "nested grandchild" : "grandchild", self);
    else if (pids.size < 3) pids.set("zygote", parent).set("grandchild", self);
    else pids.set("nested zygote", parent).set("nested grandchild", self);
    const pid = pids.get(victim);
    if (pid === undefined || killedAt > 0) continue;
    await sleep(moment);
    process.kill(pid, "SIGKILL");
    killedAt = Date.now();
  }
  await exited;
  assert.ok(killedAt > 0, "the victim existed");
  assert.ok(Date.now() - killedAt < 5000, "told within 5 s");
  if (victim === "root") assert.equal(told, "");
  if (victim === "zygote") {
    assert.match(told, new RegExp(`the zygote \\(pid ${pids.get(victim)}\\).*SIGKILL`));
  }
  if (victim === "grandchild") assert.match(told, /"ended":"signalled","signal":"SIGKILL"/);
  if (victim === "nested zygote") {
    assert.match(told, new RegExp(`the zygote \\(pid ${pids.get(victim)}\\).*SIGKILL`));
  }
  if (victim === "nested grandchild") {
    assert.match(told, new RegExp(`${pids.get(victim)} ended by SIGKILL`));
  }
  await nothingLeft(program.pid as number, `DEATHS_ROOT=${zygotes}`);
}

/** No process is left that inherited the environment of this one but this. */
async function nothingLeft(root: number, mark: string): Promise<void> {
  const left = () =>
    readdirSync("/proc").filter((name) => {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
      try {
        return readFileSync(`/proc/${name}/environ`, "latin1").includes(mark);
      } catch {
        return false;
      }
    });
  const deadline = Date.now() + 3000;
  while (left().length > 0 && Date.now() < deadline) await sleep(20);
  assert.deepEqual(left(), [], `left of ${root}`);
}
