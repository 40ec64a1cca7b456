import type { z } from "zod";
import { sendable, type Wire } from "../core/index.js";
import { FrameRejected } from "./errors.js";

const longestComplaint = 1000;

interface Message {
  readonly kind: string;
}

/** A part of a conversation: kinds of messages that may come in it, and those that end it. */
interface Phase<K extends string> {
  readonly takes?: readonly K[];
  readonly endsWith?: readonly K[];
}

/** What is done with a message, by its kind. */
type Takers<M extends Message> = {
  readonly [K in M["kind"]]: (message: Extract<M, { kind: K }>) => void;
};

/**
 * Takes messages one after the other, in phases that follow one another.
 *
 * The result throws FrameRejected on anything that is no such message, or comes in a phase that has
 * no place for it.
 */
export function inPhases<M extends Message>(
  schema: z.ZodType<M>,
  phases: readonly Phase<M["kind"]>[],
  takers: Takers<M>,
): (frame: Wire) => void {
  const left = [...phases];
  return (frame) => {
    const parsed = schema.safeParse(frame);
    if (!parsed.success) {
      const what = sendable(parsed.error.message, longestComplaint);
      throw new FrameRejected(`a message is not of the protocol: ${what}`);
    }
    const message = parsed.data;
    const kind: M["kind"] = message.kind;
    const { takes = [], endsWith = [] } = left[0] ?? {};
    if (endsWith.includes(kind)) left.shift();
    else if (!takes.includes(kind)) {
      const due = [...takes, ...endsWith].join(", ") || "nothing";
      throw new FrameRejected(`a message is not of the protocol: ${kind}, where ${due} may come`);
    }
    // The compiler does not see that a message's kind picks what takes it.
    (takers[kind] as (message: M) => void)(message);
  };
}
