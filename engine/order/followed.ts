import { Cancelled, type ConsfigError, isError } from "../errors.js";
import type { Ending, Item } from "../events.js";
import { leaveOut } from "../item.js";
import type { Prepared } from "../prepare.js";
import type { Reporter } from "../reporter.js";

/** Passes on what another process tells, and knows what it has not told. */
export class Followed implements Pick<Reporter, "started" | "ended" | "inform"> {
  readonly #reporter: Reporter;
  readonly #under = new Map<string, Item>();
  readonly #ended = new Set<string>();

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  started(item: Item): void {
    this.#under.set(item.path, item);
    this.#reporter.started(item);
  }

  ended(item: Item, ending: Ending, durationMs: number): void {
    this.#under.delete(item.path);
    this.#ended.add(item.path);
    this.#reporter.ended(item, ending, durationMs);
  }

  inform(level: 1 | 2 | 3, text: string): void {
    this.#reporter.inform(level, text);
  }

  /** Nothing more will be told, because of that: what was under way has failed, the rest was not reached. */
  abandoned(
    propspec: Prepared,
    place: { readonly depth: number; readonly silent: boolean },
    error: ConsfigError,
  ): void {
    const reason = isError(error, Cancelled) ? "cancelled" : "contact was lost";
    const unreached = { outcome: "notReached", reason, needed: true } as const;
    const failed = isError(error, Cancelled) ? unreached : { outcome: "failed" as const, error };
    // The innermost began last.
    for (const item of [...this.#under.values()].reverse()) this.ended(item, failed, 0);
    const rest = {
      ended: (item: Item, ending: Ending) => {
        if (!this.#ended.has(item.path)) this.ended(item, ending, 0);
      },
    };
    leaveOut(rest, [propspec], { ...place, reason, needed: true });
  }
}
