/**
 * How long a trivial form takes in a grandchild, whatever the root process has on its heap, beside
 * starting Node anew with the same modules and beside the bare fork that it is made of.
 */
import { execFileSync, fork as forkChild, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { requiredFlags } from "../zygote/index.js";
import { median, type Row } from "./figures.js";

const program = fileURLToPath(new URL("./forkProgram.js", import.meta.url));
const isQuick = process.argv.includes("--quick");
const runs = isQuick ? 60 : 300;

/** A row for each size of the root's heap; what does not depend on it is the same in all. */
export async function fork(): Promise<readonly Row[]> {
  const forkExitWaitMs = median(measured("exits", runs));
  const childProcessForkMs = await childProcessFork(isQuick ? 3 : 10);
  const bareForkMs = bareFork();
  const [at1 = 0, at8 = 0, at64 = 0] = measured("throughput", isQuick ? 100 : 500);
  return (isQuick ? [40] : [40, 200, 800]).map((rootHeapMb) => {
    const without = measured("latency", runs, rootHeapMb, 0);
    const spare = measured("latency", runs, rootHeapMb, 1);
    const p50Ms = median(without);
    const p50SpareMs = median(spare);
    return {
      rootHeapMb,
      p50Ms,
      p99Ms: p99(without),
      p50SpareMs,
      p99SpareMs: p99(spare),
      childProcessForkMs,
      forkExitWaitMs,
      bareForkMs,
      ratioChildProcessFork: childProcessForkMs / p50Ms,
      ratioChildProcessForkSpare: childProcessForkMs / p50SpareMs,
      ratioForkExitWait: p50Ms / forkExitWaitMs,
      requestsPerSecond: Math.max(at1, at8, at64),
      requestsPerSecond1: at1,
      requestsPerSecond8: at8,
      requestsPerSecond64: at64,
    };
  });
}

function measured(...words: readonly (string | number)[]): number[] {
  const run = spawnSync(process.execPath, [...requiredFlags, program, ...words.map(String)], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${words[0]}: ${run.stderr}`);
  return JSON.parse(run.stdout) as number[];
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
