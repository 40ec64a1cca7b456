/** The messages between a requester and its grandchild, and nothing else. */
import { z } from "zod";

/** A form with its arguments, as it travels. */
export const formMessage = z.strictObject({
  form: z.string().max(200),
  args: z.array(z.unknown()),
});

/** First to the grandchild: what it evaluates before it makes its own zygote. */
export const prerequestMessage = z.strictObject({
  kind: z.literal("prerequest"),
  /** Whether it makes a zygote of its own, before it reads the request. */
  nested: z.boolean(),
  /** Whether processes that it has started may go on when it has ended. */
  leavesProcesses: z.boolean(),
  /** Whether caches of random numbers were filled before the fork and must be used up. */
  staleRandomness: z.boolean(),
  form: formMessage.nullable(),
});

/** Second to the grandchild, read only once its own zygote exists. */
export const requestMessage = z.strictObject({ kind: z.literal("request"), form: formMessage });

/** An error as it travels. */
export const errorMessage = z.strictObject({
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  stack: z.string(),
});

/** Told by a process that does nothing more than end with it. */
const exitCode = z.int().min(0).max(255).optional();

/** The one answer of the grandchild; none when it exits or is killed. */
export const replyMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("returned"), exitCode, value: z.unknown().optional() }),
  z.strictObject({ kind: z.literal("threw"), exitCode, error: errorMessage }),
]);

/** What an evaluation says before its reply: something to hear, or to answer. */
export const interimMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("said"), value: z.unknown() }),
  z.strictObject({ kind: z.literal("asked"), id: z.int(), question: z.unknown() }),
]);

/** What it is answered. */
export const answerMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("answer"), id: z.int(), value: z.unknown() }),
  z.strictObject({
    kind: z.literal("noAnswer"),
    id: z.int(),
    error: errorMessage.omit({ stack: true }),
  }),
]);

/** What an exec'ed process says once its modules are loaded. */
export const readyMessage = z.strictObject({ kind: z.literal("ready") });

/** See {@link prerequestMessage}. */
export type PrerequestMessage = z.infer<typeof prerequestMessage>;
/** See {@link requestMessage}. */
export type RequestMessage = z.infer<typeof requestMessage>;
/** See {@link answerMessage}. */
export type AnswerMessage = z.infer<typeof answerMessage>;
/** See {@link replyMessage}. */
export type ReplyMessage = z.infer<typeof replyMessage>;
