import type { Result } from "../../engine/fleet/result.js";
import type { Listener } from "../../engine/index.js";

/** What came of all hosts. */
export interface Results {
  readonly results: readonly Result[];
  readonly durationMs: number;
  readonly exitCode: number;
  /** Why hosts were not begun, in words that complete "stopped: …". */
  readonly stopped?: string;
  /** The run's id, by which the command line can come back to it. */
  readonly run?: string;
}

/** A way to show deployments: all it learns is what the engine's events say. */
export interface Renderer {
  /** Hears of everything that happens to the hosts. */
  readonly listener: Listener;
  /** A deployment ended by an error that is no report. */
  crashed(host: string, error: unknown): void;
  /** Something to tell the person that is about no host. */
  note(text: string): void;
  /** All is over. */
  end(results: Results): void;
  /** Nothing more will be shown: the terminal is as it was. Safe to call twice, at any time. */
  close(): void;
}
