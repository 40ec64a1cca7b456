import type { Earlier } from "../apply/index.js";
import type { Ending } from "../fleet/result.js";
import type { Counts } from "../report/index.js";
import type { Traffic } from "../shell/index.js";
import type { HostHeader, RecordedError, RunHeader } from "./records.js";

/** What an item says of itself. */
export interface ItemWords {
  readonly id: string;
  readonly desc: string;
  readonly at?: string;
}

/** How an item of a host ended. */
export interface EndedItem extends ItemWords {
  /** Not reached: it should have been. */
  readonly outcome: "changed" | "unchanged" | "failed" | "interrupted" | "notReached";
  readonly depth: number;
  readonly durationMs: number;
}

/** An item that failed, and why. */
export interface RecordedFailure {
  readonly path: string;
  readonly item: ItemWords;
  readonly error: RecordedError;
}

/**
 * What a host has come to. `unfinished`: it was begun, and nothing tells that it has ended; perhaps it
 * still runs. `failed`: something of it went wrong.
 */
export type HostState = "notBegun" | "unfinished" | Ending;

/** A host of a run. Where it was begun several times, all but `ended` is of the last time. */
export interface HostRun extends HostHeader {
  readonly state: HostState;
  /** How often it was begun. */
  readonly attempts: number;
  readonly begunAt?: Date;
  readonly endedAt?: Date;
  readonly durationMs?: number;
  readonly changed: boolean;
  /** Of the host's own properties. */
  readonly counts: Counts;
  readonly failures: readonly RecordedFailure[];
  /** What ended it before all was applied. */
  readonly error?: RecordedError;
  readonly traffic?: Traffic;
  /** The items that have ended, inner ones too, by their paths: all times together. */
  readonly ended: ReadonlyMap<string, EndedItem>;
}

/** A run, as far as its journal tells. */
export interface Run extends Omit<RunHeader, "hosts"> {
  readonly id: string;
  readonly begunAt: Date;
  /** The last thing that is told of it. */
  readonly lastAt: Date;
  readonly endedAt?: Date;
  readonly exitCode?: number;
  /** Why hosts were no longer begun. */
  readonly stopped?: string;
  /** `interrupted`: its process has ended, and the run has not. */
  readonly state: "running" | "ended" | "interrupted";
  readonly hosts: ReadonlyMap<string, HostRun>;
  readonly notes: readonly string[];
  /** What of the journal could not be read, in words. */
  readonly damage: readonly string[];
}

/** What a host has of an earlier run: only true of it if its plan is the same. */
export function earlierOf({ ended, state, error }: HostRun): Earlier {
  const good = [...ended].flatMap(([path, { outcome }]) => {
    const isGood = outcome === "changed" || outcome === "unchanged";
    return isGood && !path.endsWith("end") ? [[path, outcome] as const] : [];
  });
  const isUntouched = state === "notBegun" || state === "unreachable";
  return {
    ended: Object.fromEntries(good),
    interrupted: state === "unfinished" || (!isUntouched && error !== undefined),
  };
}
