/**
 * How long a trivial form takes in a grandchild, whatever the root process has on its heap, beside
 * starting Node anew with the same modules, a warm thread, and the bare forks that it is made of.
 */
import { execFileSync, fork as forkChild, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { requiredFlags } from "../zygote/index.js";
import { lineChart } from "./chart.js";
import { median, type Row } from "./figures.js";

const program = fileURLToPath(new URL("./forkProgram.js", import.meta.url));
const picture = fileURLToPath(new URL("./fork.svg", import.meta.url));
const runs = 300;
const heapsMb = [40, 100, 200, 400, 800];

interface Latency {
  readonly times: readonly number[];
  readonly rootForks: readonly number[];
}

/** A row for each size of the root's heap; what does not depend on it is the same in all. */
export async function fork(): Promise<readonly Row[]> {
  const common = {
    childProcessForkMs: await childProcessFork(10),
    warmThreadMs: median(measured<number[]>("thread", runs)),
    forkExitWaitMs: median(measured<number[]>("exits", runs)),
    bareForkMs: bareFork(),
  };
  const [at1 = 0, at8 = 0, at64 = 0] = measured<number[]>("throughput", 1000);
  const rows = heapsMb.map((rootHeapMb) => {
    const without = measured<Latency>("latency", runs, rootHeapMb, 0);
    const spare = measured<Latency>("latency", runs, rootHeapMb, 1);
    const p50Ms = median(without.times);
    const p50SpareMs = median(spare.times);
    return {
      rootHeapMb,
      p50Ms,
      p99Ms: p99(without.times),
      p50SpareMs,
      p99SpareMs: p99(spare.times),
      rootForkExitWaitMs: median(without.rootForks),
      ...common,
      ratioChildProcessFork: common.childProcessForkMs / p50Ms,
      ratioChildProcessForkSpare: common.childProcessForkMs / p50SpareMs,
      ratioForkExitWait: p50Ms / common.forkExitWaitMs,
      requestsPerSecond: Math.max(at1, at8, at64),
      requestsPerSecond1: at1,
      requestsPerSecond8: at8,
      requestsPerSecond64: at64,
    };
  });
  writeFileSync(picture, drawn(rows));
  console.error(`drawn: ${path.relative(process.cwd(), picture)}`);
  return rows;
}

function drawn(rows: readonly Record<string, number>[]): string {
  const line = (name: string, key: string) => ({
    name,
    points: rows.map((row) => [row.rootHeapMb ?? 0, row[key] ?? 0] as const),
  });
  return lineChart({
    title: "A trivial form in a grandchild, median",
    x: "heap of the root process, MB",
    y: "ms (logarithmic)",
    lines: [
      line("child_process.fork with the same modules", "childProcessForkMs"),
      line("fork, _exit and wait of the root process itself", "rootForkExitWaitMs"),
      line("grandchild", "p50Ms"),
      line("grandchild, a spare waiting", "p50SpareMs"),
      line("fork, _exit and wait with the modules alone", "forkExitWaitMs"),
    ],
  });
}

function measured<T>(...words: readonly (string | number)[]): T {
  const run = spawnSync(process.execPath, [...requiredFlags, program, ...words.map(String)], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${words[0]}: ${run.stderr}`);
  return JSON.parse(run.stdout) as T;
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}

/** From asking for a process with the same modules to its answer. */
async function childProcessFork(count: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < count; run++) {
    const begun = performance.now();
    const child = forkChild(program, ["child"]);
    child.send(run);
    await once(child, "message");
    times.push(performance.now() - begun);
    await once(child, "exit");
  }
  return median(times);
}

/** fork, _exit and wait of a process that has nothing: the least that this machine can do. */
function bareFork(): number {
  const source = `
    #include <stdio.h>
    #include <sys/wait.h>
    #include <time.h>
    #include <unistd.h>
    int main(void) {
      struct timespec a, b;
      for (int i = 0; i < 300; i++) {
        clock_gettime(CLOCK_MONOTONIC, &a);
        pid_t pid = fork();
        if (pid == 0) _exit(0);
        waitpid(pid, 0, 0);
        clock_gettime(CLOCK_MONOTONIC, &b);
        printf("%f\\n", (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6);
      }
    }`;
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    const binary = path.join(directory, "bare");
    execFileSync("cc", ["-O2", "-x", "c", "-o", binary, "-"], { input: source });
    return median(execFileSync(binary, { encoding: "utf8" }).trim().split("\n").map(Number));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
