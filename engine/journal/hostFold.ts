import { defined } from "../../core/index.js";
import { reportedEnding } from "../fleet/result.js";
import { noCounts, withOne } from "../report/index.js";
import type { EndedEntry, HostHeader, RecordOf } from "./records.js";
import type { EndedItem, HostRun, HostState, ItemWords, RecordedFailure } from "./run.js";

type HostRecord = RecordOf<"started" | "progress" | "failed" | "finished" | "broke">;
type Items = ReadonlyMap<number, ItemWords>;

const outcomes = {
  c: "changed",
  u: "unchanged",
  f: "failed",
  i: "interrupted",
  s: "notReached",
} as const;

/** Makes a host of a run of what is recorded of it. */
export class HostFold {
  #header: HostHeader;
  readonly #ended = new Map<string, EndedItem>();
  #started: RecordOf<"started"> | undefined;
  #failures: RecordedFailure[] = [];
  #finished: RecordOf<"finished"> | undefined;
  #crashed: RecordOf<"broke"> | undefined;

  constructor(header: HostHeader) {
    this.#header = header;
  }

  /** The host's header comes again. What had ended is forgotten if the fingerprint is another. */
  header(header: HostHeader): void {
    if (header.plan !== this.#header.plan) this.#ended.clear();
    this.#header = header;
  }

  /** Whether the items it is about are known. */
  record(record: HostRecord, items: Items): boolean {
    switch (record.type) {
      case "started":
        this.#started = record;
        this.#failures = [];
        this.#finished = undefined;
        this.#crashed = undefined;
        return true;
      case "progress":
        return record.items.map((entry) => this.#end(entry, items)).every(Boolean);
      case "failed": {
        const item = items.get(record.n);
        if (item) this.#failures.push({ path: record.path, item, error: record.error });
        return item !== undefined;
      }
      case "finished":
        this.#finished = record;
        return true;
      case "broke":
        this.#crashed = record;
        return true;
    }
  }

  result(): HostRun {
    const [started, finished, broke] = [this.#started, this.#finished, this.#crashed];
    const error = broke?.error ?? finished?.error;
    const endedAt = broke?.at ?? finished?.at;
    return {
      ...this.#header,
      state: this.#state(),
      attempts: started?.attempt ?? 0,
      changed: finished?.changed ?? [...this.#ended.values()].some(hasChanged),
      counts: finished?.counts ?? this.#counts(),
      failures: this.#failures,
      ended: this.#ended,
      ...defined({
        begunAt: started && new Date(started.at),
        endedAt: endedAt === undefined ? undefined : new Date(endedAt),
        durationMs: finished?.durationMs,
        error,
        traffic: finished?.traffic,
      }),
    };
  }

  #state(): HostState {
    if (this.#crashed) return "failed";
    if (!this.#finished) return this.#started ? "unfinished" : "notBegun";
    return reportedEnding({ ...this.#finished, failures: this.#failures });
  }

  #end([path, n, letter, depth, durationMs]: EndedEntry, items: Items): boolean {
    const item = items.get(n);
    if (!item) return false;
    const outcome = outcomes[letter];
    // What was changed stays so, also if the next time there was nothing to do or it was not reached.
    const before = this.#ended.get(path)?.outcome;
    if (before && (outcome === "notReached" || (before === "changed" && outcome === "unchanged")))
      return true;
    this.#ended.set(path, { ...item, outcome, depth, durationMs });
    return true;
  }

  #counts() {
    let counts = noCounts;
    for (const { depth, outcome } of this.#ended.values())
      if (depth === 0) counts = withOne(counts, outcome);
    return counts;
  }
}

function hasChanged({ outcome }: EndedItem): boolean {
  return outcome === "changed";
}
