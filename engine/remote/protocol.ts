/** An order as it travels to the process that carries it out, and what is said about it. */
import { z } from "zod";
import type { Wire } from "../../core/index.js";
import { answerMessage, type Form, requestMessage } from "../../zygote/client.js";
import { applyTerms } from "../apply/index.js";
import { chainSchema } from "../model/index.js";
import { numberedError, shortList, text } from "../report/index.js";
/** A host's propspec, to be applied by the process that reads this. */
export const order = z.strictObject({
  host: z.unknown(),
  /** From that process on. */
  hops: z.union([chainSchema, z.tuple([])]),
  direction: z.enum(["apply", "unapply"]),
  /** The name that the hops lead to. */
  hostname: z.string(),
  depth: z.int(),
  silent: z.boolean(),
  within: z.string(),
  terms: applyTerms,
  /** What the first connection there starts with. */
  connattrs: z.record(z.string(), z.custom<Wire>()),
});

/** See {@link order}. */
export type Order = z.infer<typeof order>;

/** More are not named: who has left so many knows where to look. */
export const mostLeftRunning = 50;
const leftRunning = shortList(
  z.strictObject({ pid: z.int().positive(), command: text }),
  mostLeftRunning,
);

/** What came of an order. */
export const orderResult = z.union([
  z.strictObject({ outcome: z.enum(["changed", "unchanged"]), leftRunning }),
  z.strictObject({ failed: numberedError, leftRunning }),
]);

/** What is asked while an order is carried out: an item of prerequisite data. */
export const question = z.strictObject({
  iden1: z.string(),
  iden2: z.string(),
  /** The version that whoever asks has. */
  have: z.string().exactOptional(),
  /** Where the piece of it begins that is wanted now: an item may be larger than any message. */
  from: z.int().nonnegative(),
});

/** How much of an item there is in one answer. */
export const pieceBytes = 4 * 1024 * 1024;

/** The answer to it: a piece, and how many bytes the whole has; neither if that is the version. */
export const answer = z.union([
  z.strictObject({ version: z.string() }),
  z.strictObject({ version: z.string(), piece: z.instanceof(Uint8Array), size: z.int() }),
]);

/** Of the form that carries out an order. */
export const applyFormId = "engine.apply";

/**
 * The form that carries out an order, by its id: what defines it leads to processes that are given
 * orders themselves.
 */
export function applyForm(given: Order): Form<z.infer<typeof orderResult>> {
  return { form: applyFormId, args: [given] };
}

/** What an image is sent. */
export const imageMessage = z.discriminatedUnion("kind", [
  requestMessage,
  answerMessage,
  /** Ends what it is doing, politely. */
  z.strictObject({ kind: z.literal("cancel") }),
  /** Asks for a sign of life: the image tells null, which is no event, as it does when it is ready. */
  z.strictObject({ kind: z.literal("ping") }),
]);
