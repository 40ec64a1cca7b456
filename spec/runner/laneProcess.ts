/** Runs in a lane: one spec file after the other, each in a process of its own, as it is asked to. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { run } from "node:test";
import { spec as ReporterForPeople } from "node:test/reporters";
import type { Skip, SpecOrder, SpecResult } from "./messages.js";
import { compiled } from "./order.js";

/** A spec file that takes longer has stopped. */
const limitMs = 15 * 60_000;

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: {
      readonly type?: string;
      readonly error?: { readonly failureType?: string };
    };
  };
}

process.on("message", (order: SpecOrder) => void runSpec(order).then((one) => process.send?.(one)));
// A lane ends with the process that started it, also where that was killed.
process.on("disconnect", () => process.exit());

async function runSpec({ spec }: SpecOrder): Promise<SpecResult> {
  const skipped: Skip[] = [];
  let [passed, failed] = [0, 0];
  const counted = async function* (events: AsyncIterable<TestEvent>) {
    for await (const event of events) {
      const { name = "", skip, todo, details } = event.data;
      const [hasPassed, hasFailed] = [event.type === "test:pass", event.type === "test:fail"];
      // A file that has told of no test is told of as one that has passed.
      if (hasPassed && path.resolve(name) === path.resolve(compiled(spec))) continue;
      // Node does not mind whether what is still to be done passes.
      const left = [skip, todo].find((one) => one !== undefined && one !== false);
      const isSuite = details?.type === "suite";
      // Its hooks, or the code around its tests.
      const isOwnFailure = details?.error?.failureType !== "subtestsFailed";
      // A suite that is skipped has no tests that could be counted.
      if ((hasPassed || hasFailed) && left !== undefined) {
        skipped.push({ name, reason: left === true ? "" : left });
      } else if (hasFailed && (!isSuite || isOwnFailure)) failed++;
      else if (hasPassed && !isSuite) passed++;
      // Totals of one file are not what a person wants to read.
      if (event.type !== "test:diagnostic" && event.type !== "test:summary") yield event;
    }
  };
  const begun = performance.now();
  const cpuBegun = cpuMsOfChildren();
  const events = run({ files: [compiled(spec)], concurrency: false, timeout: limitMs });
  let text = "";
  for await (const piece of Readable.from(counted(events)).pipe(new ReporterForPeople())) {
    text += piece;
  }
  if (passed + failed + skipped.length === 0) {
    failed = 1;
    text += "no test was run\n";
  }
  const [ms, cpuMs] = [performance.now() - begun, cpuMsOfChildren() - cpuBegun];
  return { spec, passed, failed, skipped, ms, cpuMs, text };
}

/**
 * Processor time of all ended children and of theirs: the fields cutime and cstime of proc(5), in ticks
 * of 10 ms.
 */
function cpuMsOfChildren(): number {
  if (process.platform !== "linux") return 0;
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
