import type { z } from "zod";
import type { Listening } from "../../zygote/conversation.js";
import type { Wire } from "../../zygote/frames.js";
import { assertDeclared } from "../data.js";
import type { Errand } from "../errand.js";
import { Cancelled, type ConsfigError, isError } from "../errors.js";
import type { Item } from "../events.js";
import { type Chain, type HopContext, requiredBy } from "../hop.js";
import { dataAttr, Hostattrs } from "../hostattrs.js";
import { itemOf } from "../item.js";
import type { Prepared, PreparedApp } from "../prepare.js";
import type { Outcome } from "../propspec.js";
import { ErrorsHere, type OrderEvent } from "./eventWire.js";
import { type Order, type orderResult, question } from "./wire.js";

/** The side of an order that gives it: reports what is told, and answers what is asked. */
export class Requester {
  readonly #errand: Errand;
  readonly #context: HopContext;
  readonly #errors = new ErrorsHere();
  #hops: Chain = [];
  /** What has begun over there and not ended, outermost first. */
  readonly #open: Item[] = [];
  /** What has begun or ended at all. */
  readonly #seen = new Set<string>();

  constructor(errand: Errand, context: HopContext) {
    this.#errand = errand;
    this.#context = context;
  }

  /** What the other process is to do, over these hops from there. */
  order(hops: Chain): Order {
    const { host, direction, depth, silent } = this.#errand;
    const { hostname, acceptNewHostKey = false } = this.#context;
    this.#hops = hops;
    return { host, hops: [...hops], direction, hostname, acceptNewHostKey, depth, silent };
  }

  get listening(): Required<Listening> {
    return {
      onTold: (told) => this.#report(this.#errors.eventFromWire(told)),
      answer: (asked) => this.#answer(asked),
    };
  }

  /** @throws ConsfigError if that is what came of it */
  outcomeOf(result: z.infer<typeof orderResult>): Outcome {
    if ("outcome" in result) return result.outcome;
    throw this.#errors.fromWire(result.failed);
  }

  /**
   * The other process has ended without a result, with this error for what it was doing: that has
   * failed, and what it had not come to was not reached.
   */
  lost(error: ConsfigError): void {
    const { reporter, host, depth, silent } = this.#errand;
    const isCancelled = isError(error, Cancelled);
    const reason = isCancelled ? "cancelled" : "the process that was to do it has ended";
    const notReached = { outcome: "notReached", reason, needed: true } as const;
    for (const item of this.#open.splice(0).reverse()) {
      reporter.ended(item, isCancelled ? notReached : { outcome: "failed", error }, 0);
    }
    for (const app of propapps(host.propspec)) {
      const item = itemOf(app, { depth, silent });
      if (!this.#seen.has(nameOf(item))) reporter.ended(item, notReached, 0);
    }
  }

  #report(event: OrderEvent): void {
    const { reporter } = this.#errand;
    if (event.type === "inform") {
      reporter.inform(event.level, event.text);
      return;
    }
    const { item } = event;
    this.#seen.add(nameOf(item));
    if (event.type === "started") {
      this.#open.push(item);
      reporter.started(item);
      return;
    }
    const index = this.#open.findLastIndex((one) => nameOf(one) === nameOf(item));
    if (index >= 0) this.#open.splice(index, 1);
    reporter.ended(item, event.ending, event.durationMs);
  }

  /** Only what this host's properties declare, or its hops need, is for the other process to know. */
  async #answer(asked: Wire): Promise<Wire> {
    const { iden1, iden2, have } = question.parse(asked);
    const declared = new Hostattrs(this.#errand.host.hostattrs).get(dataAttr);
    const required = requiredBy(this.#hops, this.#context.hostname);
    assertDeclared([...declared, ...required], iden1, iden2);
    const { version, content } = await this.#context.data(iden1, iden2);
    return have === version ? { version } : { version, content };
  }
}

/** Items of another host inside may have the same path. */
function nameOf({ path, id, desc }: Item): string {
  return `${path} ${id} ${desc}`;
}

/** The propapps of the host itself, in order. */
function propapps(node: Prepared): readonly PreparedApp[] {
  if ("property" in node) return [node];
  return node.host ? [] : node.props.flatMap(propapps);
}
