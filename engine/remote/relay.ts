import type { Wire } from "../../core/index.js";
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
import { ToldItems } from "./toldItems.js";

/** How many characters may be told, in all and further ones for each item; enough for long errors. */
const mostAtAll = 1024 * 1024;
const mostAnItem = 32 * 1024;

/** Passes on what another process tells, as far as it can be so, and knows what it has not told. */
export class Relay {
  readonly #reporter: Reporter;
  readonly #propspec: Prepared;
  readonly #place: ItemPlace;
  readonly #refuse: (what: string) => never;
  readonly #items: ToldItems;
  readonly #under = new Map<string, Item>();
  #left: number;
  #hasChanges = false;
  #isOver = false;

  /** `refuse` throws, with what is not believed. */
  constructor(
    reporter: Reporter,
    propspec: Prepared,
    place: ItemPlace,
    refuse: (what: string) => never,
  ) {
    this.#reporter = reporter;
    this.#propspec = propspec;
    this.#place = place;
    this.#refuse = refuse;
    this.#items = new ToldItems(propspec, place, refuse);
    this.#left = mostAtAll + mostAnItem * this.#items.count;
  }

  /** What has happened over there, and how that was told. */
  take(event: ApplicationEvent, told: Wire): void {
    if (this.#isOver) return;
    if (isKept(event)) this.#left -= JSON.stringify(told).length;
    if (this.#left < 0) this.#refuse("tells more than anybody would read");
    this.#pass(this.#items.take(event));
  }

  /** Whether an item has been applied, or has failed over it. */
  get hasChanges(): boolean {
    return this.#hasChanges;
  }

  /** Whether all that was ordered has been told, if it was to be applied. */
  get isComplete(): boolean {
    return this.#items.areComplete;
  }

  /**
   * Because of that error nothing more will be told: what was under way has failed, the rest was
   * not reached.
   */
  abandoned(error: ConsfigError): void {
    this.#isOver = true;
    const reason = isError(error, Cancelled) ? "cancelled" : "contact was lost";
    const interrupted = { outcome: "interrupted", reason } as const;
    const failed = isError(error, Cancelled) ? interrupted : { outcome: "failed" as const, error };
    // The innermost item began last, and ends first.
    for (const item of [...this.#under.values()].reverse()) this.#end(item, failed);
    const rest = {
      ended: (item: Item, ending: Ending) => {
        if (!this.#items.hasEnded(item.path)) this.#end(item, ending);
      },
    };
    leaveOut(rest, [this.#propspec], { ...this.#place, reason, needed: true });
  }

  #end(item: Item, ending: Ending): void {
    this.#pass(this.#items.take({ type: "ended", item, ending, durationMs: 0 }));
  }

  #pass(event: ApplicationEvent): void {
    if (event.type === "started") this.#under.set(event.item.path, event.item);
    if (event.type === "ended") {
      this.#under.delete(event.item.path);
      this.#hasChanges ||= ["changed", "failed"].includes(event.ending.outcome);
    }
    this.#reporter.tell(event);
  }
}

/** Whether the event is shown to everybody. Others pass by: whoever looks closer sees what comes. */
function isKept(event: ApplicationEvent): boolean {
  return event.type !== "inform" || event.level === 1;
}
