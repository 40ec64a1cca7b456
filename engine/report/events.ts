import type { ConsfigError } from "../base/index.js";
import type { LeftProcess, Traffic } from "../shell/index.js";
import type { ApplicationEvent, Item } from "./applicationEvent.js";

/**
 * What happens during a deployment, for renderers and the journal. docs/events.md tells programs of
 * it.
 */
export type DeploymentEvent = { readonly host: string } & (
  | { readonly type: "connecting"; readonly chain: string }
  | { readonly type: "connected"; readonly chain: string; readonly durationMs: number }
  /**
   * No connection could be made, and it is tried again after so long: as attempt 2 after the first.
   * What follows is told as if nothing had been before.
   */
  | {
      readonly type: "retrying";
      readonly attempt: number;
      readonly afterMs: number;
      readonly error: ConsfigError;
    }
  | ApplicationEvent
  | { readonly type: "finished"; readonly report: DeploymentReport }
);

/** How many of a host's own properties ended in which way. */
export interface Counts {
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly notReached: number;
  /** Left out: none was interrupted. */
  readonly interrupted?: number;
}

/** Nothing has ended yet. */
export const noCounts: Counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };

/** The counts with one more that ended in that way. */
export function withOne(counts: Counts, outcome: keyof Counts): Counts {
  return { ...counts, [outcome]: (counts[outcome] ?? 0) + 1 };
}

/** One thing that went wrong. */
export interface Failure {
  readonly item: Item;
  readonly error: ConsfigError;
}

/** What a deployment came to. Changes and failures are told apart: one does not hide the other. */
export interface DeploymentReport {
  readonly host: string;
  /** The chain in words. */
  readonly chain: string;
  readonly changed: boolean;
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  /** What ended the deployment before all was applied: no connection, lost contact, cancelled. */
  readonly error?: ConsfigError;
  readonly durationMs: number;
  /**
   * Processes of commands that were cancelled, or ended at a limit, and go on all the same: they had
   * left the command's process group. Left out: none were found.
   */
  readonly leftRunning?: readonly LeftProcess[];
  /** What the connection cost, where one was made. */
  readonly traffic?: Traffic;
}

/** Receives the events of a deployment. */
export type Listener = (event: DeploymentEvent) => void;
