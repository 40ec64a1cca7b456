import { defined } from "../../core/index.js";
import { Cancelled } from "../../engine/base/index.js";
import {
  type HostRun,
  type ItemWords,
  isRecorded,
  type RecordedError,
  type Run,
} from "../../engine/journal/index.js";

/** Where something went wrong. */
export interface Occurrence {
  readonly host: string;
  /** The item in which it went wrong. Left out: it ended the whole deployment. */
  readonly item?: ItemWords;
  readonly error: RecordedError;
}

/** What went wrong in the same way: the same error in the same property. */
export interface FailureGroup {
  readonly code: string;
  /** The property's id; undefined: it ended whole deployments. */
  readonly property: string | undefined;
  readonly occurrences: readonly Occurrence[];
}

/** All that went wrong, what did so most often first. That a host was cancelled is no failure. */
export function failureGroups(run: Run): readonly FailureGroup[] {
  const groups = new Map<string, Occurrence[]>();
  for (const host of run.hosts.values()) {
    for (const occurrence of occurrencesOn(host)) {
      if (isRecorded(occurrence.error, Cancelled)) continue;
      const key = JSON.stringify([codeOf(occurrence.error), occurrence.item?.id]);
      const group = groups.get(key) ?? [];
      group.push(occurrence);
      groups.set(key, group);
    }
  }
  const all = [...groups.values()].map((occurrences): FailureGroup => {
    const [first] = occurrences;
    return { code: codeOf(first?.error), property: first?.item?.id, occurrences };
  });
  return all.sort((a, b) => b.occurrences.length - a.occurrences.length);
}

/** All that went wrong on a host, each once. */
export function occurrencesOn({ host, failures, error }: HostRun): readonly Occurrence[] {
  const inItems = failures.map((failure) => ({ host, item: failure.item, error: failure.error }));
  const isTold = inItems.some((one) => one.error.message === error?.message);
  return error && !isTold ? [...inItems, { host, error }] : inItems;
}

/** The stable code of the error's class. */
export function codeOf(error: RecordedError | undefined): string {
  return error?.codes[0] ?? "";
}

/** Hosts that took longest, the slowest first. */
export function slowestHosts(run: Run, most: number): readonly HostRun[] {
  const took = [...run.hosts.values()].filter(({ durationMs }) => durationMs !== undefined);
  return took.sort((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0)).slice(0, most);
}

/** What a property took, on all hosts that have it. */
export interface ItemTimes {
  readonly item: ItemWords;
  readonly hosts: number;
  readonly sumMs: number;
  readonly longestMs: number;
  /** Where it took longest. */
  readonly longestOn: string;
}

/** Properties that took longest, all hosts together; of those with others inside only these. */
export function slowestItems(run: Run, most: number): readonly ItemTimes[] {
  const times = new Map<string, ItemTimes>();
  for (const { host, ended } of run.hosts.values()) {
    const around = pathsAround(ended.keys());
    const seen = new Set<string>();
    for (const [path, { id, desc, at, durationMs }] of ended) {
      if (around.has(path)) continue;
      const key = JSON.stringify([id, desc]);
      const before = times.get(key);
      const isLongest = !before || durationMs > before.longestMs;
      times.set(key, {
        item: before?.item ?? { id, desc, ...defined({ at }) },
        hosts: (before?.hosts ?? 0) + (seen.has(key) ? 0 : 1),
        sumMs: (before?.sumMs ?? 0) + durationMs,
        longestMs: isLongest ? durationMs : before.longestMs,
        longestOn: isLongest ? host : before.longestOn,
      });
      seen.add(key);
    }
  }
  return [...times.values()].sort((a, b) => b.sumMs - a.sumMs).slice(0, most);
}

/** The paths of all that has one of these inside. */
function pathsAround(paths: Iterable<string>): ReadonlySet<string> {
  const around = new Set<string>();
  for (const path of paths) {
    for (const { index } of path.matchAll(/[./]/g)) around.add(path.slice(0, index));
  }
  return around;
}
