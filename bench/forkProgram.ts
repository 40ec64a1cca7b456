/** The programs that bench/fork.ts measures: each loads the same modules, then does one thing. */
import { readdirSync } from "node:fs";
import { z } from "zod";
import { evalInGrandchild, form, startZygote } from "../zygote/index.js";
import { native } from "../zygote/native.js";

const echo = form("bench.echo", { args: z.tuple([z.number()]), evaluate: (value) => value });

await import("../engine/index.js");
for (const folder of ["properties", "connections"]) {
  for (const name of readdirSync(new URL(`../${folder}/`, import.meta.url))) {
    if (name.endsWith(".js")) await import(`../${folder}/${name}`);
  }
}

const [what, ...words] = process.argv.slice(2);
const [runs = 100, heapMb = 0, spares = 0] = words.map(Number);

if (what === "child") {
  process.once("message", (value) => process.send?.(value, () => process.exit()));
} else if (what === "exits") {
  print(
    native()
      .measureFork(runs)
      .map((nanoseconds) => nanoseconds / 1e6),
  );
} else if (what === "latency") {
  await latency();
} else {
  await throughput();
}

/** One after the other, with so much on the root's heap. */
async function latency(): Promise<void> {
  const zygote = await startZygote({ spares });
  const ballast: object[] = [];
  while (process.memoryUsage().heapUsed < heapMb * 1e6) {
    ballast.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
  }
  const times: number[] = [];
  for (let run = 0; run < runs + 20; run++) {
    const begun = performance.now();
    const { value } = await evalInGrandchild(null, echo(run));
    if (run >= 20) times.push(performance.now() - begun);
    if (value !== run) throw new Error(`${run} came back as ${value}`);
  }
  await zygote.close();
  if (ballast.length < 0) throw new Error("unreachable: it keeps the ballast alive");
  print(times);
}

/** Requests per second with 1, 8 and 64 in flight. */
async function throughput(): Promise<void> {
  const zygote = await startZygote({ spares: 2 });
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

function print(figures: readonly number[]): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
