/** What a pool thread and the root process say to each other about one task. */
import type { MessagePort } from "node:worker_threads";
import type { DeploymentEvent, DeploymentReport } from "../report/index.js";

/** A task for a thread, and the port on which is spoken about it. */
export interface Assignment<T> {
  readonly task: T;
  readonly port: MessagePort;
}

/** What a thread says. */
export type FromThread =
  /** It has taken the task: from now on something may be done of it. */
  | { readonly type: "begun"; readonly thread: number }
  /** It has heard `areYouThere`. */
  | { readonly type: "here" }
  | { readonly type: "events"; readonly events: readonly DeploymentEvent[] }
  | {
      readonly type: "data";
      readonly number: number;
      readonly iden1: string;
      readonly iden2: string;
    }
  | { readonly type: "admit"; readonly number: number; readonly server: string }
  | { readonly type: "leave"; readonly number: number }
  /** Code of the consfig's has thrown something that nobody waits for. */
  | { readonly type: "stray"; readonly error: unknown }
  | { readonly type: "done"; readonly report: DeploymentReport }
  | { readonly type: "threw"; readonly error: unknown };

/** What the root process says. */
export type ToThread =
  | { readonly type: "cancel" }
  | { readonly type: "areYouThere" }
  | { readonly type: "answer"; readonly number: number; readonly value: unknown }
  | { readonly type: "failed"; readonly number: number; readonly error: unknown };
