import { ConsfigError } from "../base/index.js";
import { ErrorDecoder, ErrorEncoder } from "../report/index.js";

/** Errors between threads: structured cloning would forget of what class they are. */
export class ThreadCodec {
  readonly #there = new ErrorEncoder();
  readonly #here = new ErrorDecoder("local");

  /** The message as it can be cloned. */
  pack(message: object): unknown {
    return replaced(message, (value) =>
      value instanceof ConsfigError ? { [mark]: this.#there.toWire(value) } : undefined,
    );
  }

  /** The message that was packed; the same error again is the same object. */
  unpack<M>(packed: unknown): M {
    // The message needs no check: only the other thread, which is of this program, has the port.
    return replaced(packed, (value) =>
      mark in value
        ? this.#here.fromWire(value[mark] as ReturnType<ErrorEncoder["toWire"]>)
        : undefined,
    ) as M;
  }
}

const mark = "consfigError";

function replaced(value: unknown, other: (value: object) => object | undefined): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const instead = other(value);
  if (instead) return instead;
  if (value instanceof Error) return value;
  if (Array.isArray(value)) return value.map((one) => replaced(one, other));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, other)]));
}
