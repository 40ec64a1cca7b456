/** What happens in another process while it applies properties, as it travels to the reporter here. */
import type { Wire } from "../../core/index.js";
import { type ConsfigError, printable, printableLines } from "../base/index.js";
import {
  type ApplicationEvent,
  type EventParts,
  eventWire,
  mapEvent,
  type NumberedError,
} from "./applicationEvent.js";
import { errorFromWire, errorToWire, tellable } from "./errorCodec.js";

/** Numbers errors on the side where they arise. */
export class ErrorEncoder {
  readonly #numbers = new Map<ConsfigError, number>();
  readonly #parts: EventParts<ConsfigError, NumberedError> = {
    text: tellable,
    item: (item) => ({ ...item, desc: tellable(item.desc) }),
    error: (error) => this.toWire(error),
  };

  toWire(error: ConsfigError): NumberedError {
    const number = this.#numbers.get(error) ?? this.#numbers.size;
    this.#numbers.set(error, number);
    return { number, error: errorToWire(error) };
  }

  /** The event as plain data. */
  eventToWire(event: ApplicationEvent): Wire {
    // Plain data, though an interface does not say that it has no other members.
    return mapEvent(event, this.#parts) as object as Wire;
  }
}

/** Makes one error of all that have the same number, on the side where they are reported. */
export class ErrorDecoder {
  readonly #errors = new Map<number, ConsfigError>();
  readonly #way: string;
  readonly #parts: EventParts<NumberedError, ConsfigError> = {
    text: printableLines,
    item: ({ desc, path, id, ...item }) => ({
      ...item,
      desc: printable(desc),
      path: printable(path),
      id: printable(id),
    }),
    error: (error) => this.fromWire(error),
  };

  /** The way there, in words. */
  constructor(way: string) {
    this.#way = way;
  }

  fromWire({ number, error }: NumberedError): ConsfigError {
    const known = this.#errors.get(number) ?? this.#seenFromHere(errorFromWire(error));
    this.#errors.set(number, known);
    return known;
  }

  /** What has happened over there, as it can be reported here. @throws ZodError when it is no event */
  eventFromWire(told: Wire): ApplicationEvent {
    return mapEvent(eventWire.parse(told), this.#parts);
  }

  /** What is local over there is not so here. */
  #seenFromHere(error: ConsfigError): ConsfigError {
    const { chain } = error.facts;
    if (typeof chain !== "string") return error;
    Object.assign(error.facts, { chain: chain.replace(/^local(?= \u2192 |$)/, () => this.#way) });
    return error;
  }
}
