/** What happens in another process while it applies properties, as it travels to the reporter here. */
import { z } from "zod";
import type { Wire } from "../../core/index.js";
import { type ConsfigError, printable, printableLines } from "../base/index.js";
import {
  type ErrorWire,
  errorFromWire,
  errorToWire,
  errorWire,
  tellable,
  text,
} from "./errorCodec.js";
import type { ApplicationEvent, DeploymentEvent, Ending } from "./events.js";

const item = z.strictObject({
  path: text,
  depth: z.int().min(0).max(1000),
  desc: text,
  id: text,
  at: text.exactOptional(),
  silent: z.boolean(),
  unapplied: z.literal(true).exactOptional(),
});
/** The same error is told where it arose and where it ends what is around that: `error` numbers it. */
const numberedError = z.strictObject({ number: z.int().nonnegative(), error: errorWire });
const ending = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("changed") }),
  z.strictObject({ outcome: z.literal("unchanged") }),
  z.strictObject({ outcome: z.literal("failed"), error: numberedError }),
  z.strictObject({ outcome: z.literal("notReached"), reason: text, needed: z.boolean() }),
]);
const eventWire = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("started"), item }),
  z.strictObject({ type: z.literal("ended"), item, ending, durationMs: z.number().nonnegative() }),
  z.strictObject({ type: z.literal("inform"), level: z.literal([1, 2, 3]), text }),
]);

/** See {@link ErrorEncoder.toWire}. */
export const errorResult = numberedError;

/** Numbers errors on the side where they arise. */
export class ErrorEncoder {
  readonly #numbers = new Map<ConsfigError, number>();

  toWire(error: ConsfigError): { number: number; error: ErrorWire } {
    const number = this.#numbers.get(error) ?? this.#numbers.size;
    this.#numbers.set(error, number);
    return { number, error: errorToWire(error) };
  }

  /** The event as plain data; undefined if it is none that is told. */
  eventToWire(event: DeploymentEvent): Wire | undefined {
    if (event.type === "inform") {
      return { type: "inform", level: event.level, text: tellable(event.text) };
    }
    if (event.type !== "started" && event.type !== "ended") return undefined;
    const item = { ...event.item, desc: tellable(event.item.desc) };
    if (event.type === "started") return { type: "started", item };
    const { ending, durationMs } = event;
    return { type: "ended", item, ending: this.#endingToWire(ending), durationMs };
  }

  #endingToWire(ending: Ending): Wire {
    const { outcome } = ending;
    if (outcome === "failed") return { outcome, error: this.toWire(ending.error) };
    return outcome === "notReached" ? { ...ending, reason: tellable(ending.reason) } : { outcome };
  }
}

/** Makes one error of all that have the same number, on the side where they are reported. */
export class ErrorDecoder {
  readonly #errors = new Map<number, ConsfigError>();
  readonly #way: string;

  /** The way there, in words. */
  constructor(way: string) {
    this.#way = way;
  }

  fromWire({ number, error }: z.infer<typeof numberedError>): ConsfigError {
    const known = this.#errors.get(number) ?? this.#seenFromHere(errorFromWire(error));
    this.#errors.set(number, known);
    return known;
  }

  /** What is local over there is not so here. */
  #seenFromHere(error: ConsfigError): ConsfigError {
    const { chain } = error.facts;
    if (typeof chain !== "string") return error;
    Object.assign(error.facts, { chain: chain.replace(/^local(?= → |$)/, () => this.#way) });
    return error;
  }

  /** What has happened over there, as it can be reported here. @throws ZodError when it is no event */
  eventFromWire(told: Wire): ApplicationEvent {
    const event = eventWire.parse(told);
    if (event.type === "inform") return { ...event, text: printableLines(event.text) };
    const { desc, path, id } = event.item;
    const item = { ...event.item, desc: printable(desc), path: printable(path), id: printable(id) };
    if (event.type === "started") return { type: "started", item };
    return { ...event, item, ending: this.#endingFromWire(event.ending) };
  }

  #endingFromWire(told: z.infer<typeof ending>): Ending {
    if (told.outcome === "failed") return { outcome: "failed", error: this.fromWire(told.error) };
    if (told.outcome !== "notReached") return told;
    return { ...told, reason: printableLines(told.reason) };
  }
}
