/** The programs that bench/fork.ts measures: each loads the same modules, then does one thing. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { z } from "zod";
import { entryOf, modulesIn } from "../engine/modules/packages.js";
import { evalInGrandchild, form, startZygote } from "../zygote/index.js";
import { native } from "../zygote/native.js";

const echo = form("bench.echo", { args: z.tuple([z.number()]), evaluate: (value) => value });

await import("../engine/index.js");
for (const folder of ["properties", "connections"]) {
  for (const name of modulesIn(folder)) await import(`../${entryOf(folder, name)}`);
}

const works: Readonly<Record<string, (...words: number[]) => unknown>> = {
  child,
  exits: (runs) => print(forkExitWait(runs)),
  latency,
  throughput,
  thread,
};

/** What piscina calls in its threads. */
export default (value: number): number => value;

if (isMainThread) {
  const [what = "", ...words] = process.argv.slice(2);
  await works[what]?.(...words.map(Number));
}

function child(): void {
  process.once("message", (value) => process.send?.(value, () => process.exit()));
}

/** Milliseconds that each fork, `_exit` and wait of this process takes. */
function forkExitWait(runs = 0): readonly number[] {
  return native()
    .measureFork(runs)
    .map((nanoseconds) => nanoseconds / 1e6);
}

/**
 * One request after the other, with so much on the root's heap; and what forking the root itself
 * would take then. With spares there is a pause between requests, in which they are made.
 */
async function latency(runs = 0, heapMb = 0, spares = 0): Promise<void> {
  const zygote = await startZygote({ spares });
  const ballast: object[] = [];
  while (process.memoryUsage().heapUsed < heapMb * 1e6) {
    ballast.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
  }
  const times = await timed(runs, async (run) => {
    if (spares > 0) await sleep(20);
    const begun = performance.now();
    const { value } = await evalInGrandchild(null, echo(run));
    if (value !== run) throw new Error(`${run} came back as ${value}`);
    return performance.now() - begun;
  });
  const rootForks = forkExitWait(20);
  await zygote.close();
  // Looked at here, so that it is not collected before.
  print({ times, rootForks, ballast: ballast.length });
}

/** Requests per second with 1, 8 and 64 in flight. */
async function throughput(runs = 0): Promise<void> {
  const zygote = await startZygote();
  const rates: number[] = [];
  for (const inFlight of [1, 8, 64]) {
    const begun = performance.now();
    let asked = 0;
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (asked++ < runs) await evalInGrandchild(null, echo(asked));
      }),
    );
    rates.push((runs / (performance.now() - begun)) * 1000);
  }
  await zygote.close();
  print(rates);
}

/** A thread that has loaded the same modules: nothing isolates one request from the next there. */
async function thread(runs = 0): Promise<void> {
  const { Piscina } = await import("piscina");
  const pool = new Piscina({ filename: fileURLToPath(import.meta.url), maxThreads: 1 });
  const times = await timed(runs, async (run) => {
    const begun = performance.now();
    await pool.run(run);
    return performance.now() - begun;
  });
  await pool.destroy();
  print(times);
}

/** Without the first twenty, which compile what the others use. */
async function timed(runs: number, work: (run: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs + 20; run++) times.push(await work(run));
  return times.slice(20);
}

function print(figures: unknown): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
