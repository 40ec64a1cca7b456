import { Cancelled, type ConsfigError, isError } from "../base/index.js";
import type { Prepared } from "../model/index.js";
import {
  type ApplicationEvent,
  type Ending,
  type Item,
  type ItemPlace,
  leaveOut,
  type Reporter,
} from "../report/index.js";

/** Passes on what another process tells, and knows what it has not told. */
export class Relay {
  readonly #reporter: Reporter;
  readonly #under = new Map<string, Item>();
  readonly #ended = new Set<string>();

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** What has happened over there. */
  take(event: ApplicationEvent): void {
    if (event.type === "started") this.#under.set(event.item.path, event.item);
    if (event.type === "ended") {
      this.#under.delete(event.item.path);
      this.#ended.add(event.item.path);
    }
    this.#reporter.tell(event);
  }

  /**
   * Because of that error nothing more will be told: what was under way has failed, the rest was
   * not reached.
   */
  abandoned(propspec: Prepared, place: ItemPlace, error: ConsfigError): void {
    const reason = isError(error, Cancelled) ? "cancelled" : "contact was lost";
    const interrupted = { outcome: "interrupted", reason } as const;
    const failed = isError(error, Cancelled) ? interrupted : { outcome: "failed" as const, error };
    // The innermost item began last, and ends first.
    for (const item of [...this.#under.values()].reverse()) this.#end(item, failed);
    const rest = {
      ended: (item: Item, ending: Ending) => {
        if (!this.#ended.has(item.path)) this.#end(item, ending);
      },
    };
    leaveOut(rest, [propspec], { ...place, reason, needed: true });
  }

  #end(item: Item, ending: Ending): void {
    this.take({ type: "ended", item, ending, durationMs: 0 });
  }
}
