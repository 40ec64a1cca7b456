/**
 * What happens while properties are applied: as it is told, as it travels to the reporter of another process,
 * and what its parts are, all beside each other. A further kind is added here; the compiler then names
 * whoever has to say what becomes of it.
 */
import { z } from "zod";
import type { ConsfigError } from "../base/index.js";
import type { Outcome } from "../model/index.js";
import { errorWire, text } from "./errorCodec.js";

/** How a propapp ended: each ends as exactly one of these. `E`: errors; on the way they have numbers. */
export type Ending<E = ConsfigError> =
  | { readonly outcome: Outcome }
  | { readonly outcome: "failed"; readonly error: E }
  /** It was cancelled while it was under way, and may have changed something. */
  | { readonly outcome: "interrupted"; readonly reason: string }
  | {
      readonly outcome: "notReached";
      readonly reason: string;
      /** Whether it would have been reached, had all gone well. */
      readonly needed: boolean;
    };

/** A line of a report: a propapp, or a combination that describes itself. */
export interface Item {
  /** Its place in the host's propspec; what is inside another host has that one's place before. */
  readonly path: string;
  /** How many items it is inside of. The host's own properties have 0. */
  readonly depth: number;
  readonly desc: string;
  /** The property's or combinator's id. */
  readonly id: string;
  /** Where the person wrote it: `file:line:column`. */
  readonly at?: string;
  /** Only to be shown if it fails. */
  readonly silent: boolean;
  /** Whether it is being unapplied. */
  readonly unapplied?: true;
}

/** What happens while properties are applied. */
export type ApplicationEvent<E = ConsfigError> =
  | { readonly type: "started"; readonly item: Item }
  | {
      readonly type: "ended";
      readonly item: Item;
      readonly ending: Ending<E>;
      readonly durationMs: number;
    }
  | { readonly type: "inform"; readonly level: 1 | 2 | 3; readonly text: string };

/** The same error is told where it arose and where it ends what is around that: its number says so. */
export const numberedError = z.strictObject({ number: z.int().nonnegative(), error: errorWire });

/** See {@link numberedError}. */
export type NumberedError = z.infer<typeof numberedError>;

const item = z.strictObject({
  path: text,
  depth: z.int().min(0).max(1000),
  desc: text,
  id: text,
  at: text.exactOptional(),
  silent: z.boolean(),
  unapplied: z.literal(true).exactOptional(),
});
const ending = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("changed") }),
  z.strictObject({ outcome: z.literal("unchanged") }),
  z.strictObject({ outcome: z.literal("failed"), error: numberedError }),
  z.strictObject({ outcome: z.literal("interrupted"), reason: text }),
  z.strictObject({ outcome: z.literal("notReached"), reason: text, needed: z.boolean() }),
]);
const kinds = {
  started: z.strictObject({ type: z.literal("started"), item }),
  ended: z.strictObject({
    type: z.literal("ended"),
    item,
    ending,
    durationMs: z.number().nonnegative(),
  }),
  inform: z.strictObject({ type: z.literal("inform"), level: z.literal([1, 2, 3]), text }),
} satisfies {
  [T in ApplicationEvent["type"]]: z.ZodType<ApplicationEvent<NumberedError> & { type: T }>;
};

const { started, ...others } = kinds;

/** An event on its way. */
export const eventWire: z.ZodType<ApplicationEvent<NumberedError>> = z.discriminatedUnion("type", [
  started,
  ...Object.values(others),
]);

/** What becomes of the parts of an event, of whatever kind it is. */
export interface EventParts<E, F> {
  readonly text: (text: string) => string;
  readonly item: (item: Item) => Item;
  readonly error: (error: E) => F;
}

/** The event, made of other parts. */
export function mapEvent<E, F>(
  event: ApplicationEvent<E>,
  parts: EventParts<E, F>,
): ApplicationEvent<F> {
  switch (event.type) {
    case "started":
      return { ...event, item: parts.item(event.item) };
    case "ended":
      return { ...event, item: parts.item(event.item), ending: mapEnding(event.ending, parts) };
    case "inform":
      return { ...event, text: parts.text(event.text) };
  }
}

function mapEnding<E, F>(told: Ending<E>, { text, error }: EventParts<E, F>): Ending<F> {
  if (told.outcome === "failed") return { ...told, error: error(told.error) };
  return "reason" in told ? { ...told, reason: text(told.reason) } : told;
}
