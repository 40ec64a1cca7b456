/** What the lines of a journal are: each is one record, as JSON. The writer and the reader share this. */
import { z } from "zod";
import { processIdentity } from "./process.js";

/** Raised when journals of before cannot be read any more. */
export const journalVersion = 1;

/** No line is longer, in bytes: the reader keeps one at a time. */
export const longestLine = 4 * 1024 * 1024;

const text = z.string();
const host = z.string().min(1).max(1000);
const at = z.iso.datetime();
const number = z.int().nonnegative();
const durationMs = number;

/** An item's path, as events have it; `-` at its end: it was unapplied. */
export const itemPath = z
  .string()
  .regex(/^(?:\d+[./])*(?:\d+-?|end)$/)
  .max(1000);

/** An error as it is kept: plain data, and no stack. */
export const recordedError = z.strictObject({
  /** The codes of the error's class and of the classes above it, nearest first. */
  codes: z.array(text).min(1),
  message: text,
  facts: z.record(z.string(), z.union([text, z.number(), z.boolean(), z.array(text)])),
});

/** See {@link recordedError}. */
export type RecordedError = z.infer<typeof recordedError>;

/** What was asked for, as plain data. */
const command = z.strictObject({
  name: text,
  words: z.array(text).readonly(),
  options: z.record(z.string(), z.unknown()),
});

const hostHeader = z.strictObject({
  host,
  /** The chain in words. */
  chain: text,
  tags: z.array(text).readonly(),
  /** See `fingerprint`. */
  plan: text,
});

/** A host of a run, as it is known before the run begins. */
export type HostHeader = z.infer<typeof hostHeader>;

/** A run as it is known before it begins. */
export interface RunHeader {
  /** The path of the consfig. */
  readonly consfig: string;
  readonly command: z.infer<typeof command>;
  readonly hosts: readonly HostHeader[];
}

/**
 * How an item ended: changed, unchanged, failed, interrupted, or not reached though it should have
 * been.
 */
const letter = z.enum(["c", "u", "f", "i", "s"]);

const counts = z.strictObject({
  changed: number,
  unchanged: number,
  failed: number,
  notReached: number,
  interrupted: number.exactOptional(),
});
const traffic = z.strictObject({
  commands: number,
  roundTrips: number,
  bytesSent: number,
  bytesReceived: number,
});

const ended = z.tuple([itemPath, number, letter, number, durationMs]);

/** The items that have ended: path, number of the item's words, how, depth, how long it took. */
export type EndedEntry = z.infer<typeof ended>;

/** A line of a journal. What type it is of stands first in it, as readers pass over most of them. */
export const journalRecord = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("begin"),
    v: z.literal(journalVersion),
    run: z.string(),
    at,
    process: processIdentity,
    consfig: text,
    command,
  }),
  z.strictObject({ type: z.literal("hosts"), hosts: z.array(hostHeader).readonly() }),
  // The words of an item are the same on many hosts: later records have only its number.
  z.strictObject({
    type: z.literal("item"),
    n: number,
    id: text,
    desc: text,
    at: text.exactOptional(),
  }),
  z.strictObject({ type: z.literal("started"), host, at, attempt: number }),
  z.strictObject({ type: z.literal("progress"), host, items: z.array(ended) }),
  z.strictObject({
    type: z.literal("failed"),
    host,
    path: itemPath,
    n: number,
    error: recordedError,
  }),
  z.strictObject({
    type: z.literal("finished"),
    host,
    at,
    durationMs,
    counts,
    changed: z.boolean(),
    error: recordedError.exactOptional(),
    traffic: traffic.exactOptional(),
  }),
  z.strictObject({ type: z.literal("broke"), host, at, error: recordedError }),
  z.strictObject({ type: z.literal("note"), at, text }),
  // A process that wants to resume writes this first. Of several the first one goes on.
  z.strictObject({ type: z.literal("claimed"), session: text, process: processIdentity }),
  z.strictObject({ type: z.literal("left"), session: text }),
  z.strictObject({ type: z.literal("resumed"), at, process: processIdentity }),
  z.strictObject({
    type: z.literal("end"),
    at,
    exitCode: number,
    stopped: text.exactOptional(),
    session: text.exactOptional(),
  }),
]);

/** See {@link journalRecord}. */
export type JournalRecord = z.infer<typeof journalRecord>;

/** The record of that type. */
export type RecordOf<T extends JournalRecord["type"]> = Extract<JournalRecord, { type: T }>;
