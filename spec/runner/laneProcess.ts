/** Runs in a lane: one spec file after the other, each in a process of its own, as it is asked to. */
import { readFileSync } from "node:fs";
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
    readonly details?: { readonly type?: string };
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
      const { name = "", skip, details } = event.data;
      const hasEnded = event.type === "test:pass" || event.type === "test:fail";
      const isSkipped = skip !== undefined && skip !== false;
      // A suite that is skipped has no tests that could be counted.
      if (hasEnded && isSkipped) skipped.push({ name, reason: skip === true ? "" : skip });
      else if (hasEnded && details?.type !== "suite") {
        if (event.type === "test:fail") failed++;
        else passed++;
      }
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
  const [ms, cpuMs] = [performance.now() - begun, cpuMsOfChildren() - cpuBegun];
  return { spec, passed, failed, skipped, ms, cpuMs, text };
}

/** Processor time of all ended children and of theirs: the fields cutime and cstime of proc(5), in ticks of 10 ms. */
function cpuMsOfChildren(): number {
  if (process.platform !== "linux") return 0;
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
