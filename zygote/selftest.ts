/**
 * Prints what this machine and this Node can do: run it with the flags that forking needs.
 *
 *     node --single-threaded --v8-pool-size=1 dist/zygote/selftest.js
 */
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import { evalInGrandchild } from "./evaluate.js";
import { native } from "./native.js";
import { preconditions, whenReady } from "./preconditions.js";
import { probe } from "./probe.js";
import { startZygote } from "./start.js";

const runs = 200;
let isWell = true;

print("node", `${process.version}, libuv ${process.versions.uv}, V8 ${process.versions.v8}`);
print("system", `${os.type()} ${os.release()} ${process.arch}, ${os.availableParallelism()} CPUs`);
await whenReady().catch(() => {}); // what does not hold is printed below
for (const { name, check, hint } of preconditions) {
  const problem = check();
  if (problem) isWell = false;
  print(`precondition ${name}`, problem ? `FAILS: ${problem} (${hint})` : "holds");
}
if (isWell) await measure();
process.exitCode = isWell ? 0 : 1;

async function measure(): Promise<void> {
  print("threads", String(readdirSync("/proc/self/task").length));
  print("mappings not inherited", `${marked()} before a sweep`);
  const forks = native().measureFork(runs);
  print("", `${marked()} after one`);
  print("fork + _exit + wait, of this process", quantiles(forks.map((time) => time / 1e6)));
  const begun = performance.now();
  const zygote = await startZygote();
  print("zygote made and tried out", `${(performance.now() - begun).toFixed(1)} ms`);
  print("random numbers cached before", zygote.staleRandomness ? "yes: used up at birth" : "no");
  for (const nested of [false, true]) {
    const times: number[] = [];
    let failures = 0;
    for (let run = 0; run < runs; run++) {
      const asked = performance.now();
      const { value } = await evalInGrandchild(null, probe(), { nested, timeoutMs: 2000 });
      times.push(performance.now() - asked);
      if (!value?.isWhole) failures++;
    }
    isWell &&= failures === 0;
    const what = `${runs} grandchildren${nested ? " with zygotes" : ""}`;
    print(what, `${failures} failed; ${quantiles(times)}`);
  }
  await zygote.close();
}

/** How many of V8's mappings fork would leave out. */
function marked(): number {
  const flags = readFileSync("/proc/self/smaps", "latin1").matchAll(/^VmFlags:.*\bdc\b/gm);
  return [...flags].length;
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(sorted.length * part)]?.toFixed(2);
  return `min ${at(0)}, p50 ${at(0.5)}, p99 ${at(0.99)} ms`;
}

function print(what: string, how: string): void {
  process.stdout.write(`${what.padEnd(38)} ${how}\n`);
}
