import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { CappedOutput, collect } from "../core/index.js";
import type { Listening } from "./conversation.js";
import { currentZygote } from "./current.js";
import { type DescribedError, ZygoteDied } from "./errors.js";
import { checkValue, type Form, plainForm } from "./form.js";
import { encodeFrame } from "./frames.js";
import { endSoon, type LimitOptions, Limits } from "./limits.js";
import type { ReplyMessage } from "./protocol.js";
import { readReply } from "./reply.js";
import { spawnWhenFree } from "./spawnWhenFree.js";
import type { End, GrandchildHandle, Zygote } from "./zygote.js";

/** How a form is evaluated. */
export interface EvaluationOptions extends Listening, LimitOptions {
  /** Whether the form can ask for grandchildren itself. True unless said otherwise. */
  readonly nested?: boolean;
  /**
   * Whether processes that it has started may go on when it has ended, as those that a deployment starts
   * do. They are ended with it unless said otherwise.
   */
  readonly leavesProcesses?: boolean;
  /** How many bytes of each output are kept, from its begin and again from its end; 1 MiB each. */
  readonly outputLimit?: number;
  /** Which zygote; this process's own unless said otherwise. */
  readonly zygote?: Zygote;
}

/** How an evaluation ended. */
export interface FormOutcome<V> extends End {
  readonly pid: number;
  /** `returned` and `threw` are the form's; the others happened to the process. */
  readonly ended: "returned" | "threw" | "exited" | "signalled" | "timedOut";
  /** What the form evaluated to, if it `returned`. */
  readonly value: V | undefined;
  /** What it `threw`, or nobody caught. */
  readonly error?: DescribedError;
  /**
   * Settles when nothing of the process is left, a moment after its reply: whoever removes or
   * unmounts what it used waits for that.
   */
  readonly gone: Promise<void>;
}

/** An outcome with what was printed. */
export interface Evaluation<V> extends FormOutcome<V> {
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes that were printed and not kept. */
  readonly dropped: { readonly stdout: number; readonly stderr: number };
}

/** An evaluation under way. */
export interface StreamedEvaluation<V> {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly outcome: Promise<FormOutcome<V>>;
  kill(signal: NodeJS.Signals): void;
}

const outputLimit = 1024 * 1024;
/** How long output is awaited once the process has ended: what it started may hold it open. */
const outputGraceMs = 250;

/**
 * Evaluates a form in a new process that is a copy of this program as it was when its modules had
 * just been loaded. First evaluates the prerequest there (which may enter another root directory or
 * become another user); only then the process reads the request.
 *
 * Resolves however the process ends; rejects when it could not be made, when its zygote dies, when
 * what it answers is no reply, and when `options.signal` is aborted.
 */
export async function evalInGrandchild<V>(
  prerequest: Form | null,
  request: Form<V>,
  options: EvaluationOptions = {},
): Promise<Evaluation<V>> {
  const evaluation = await streamInGrandchild(prerequest, request, options);
  const limit = options.outputLimit ?? outputLimit;
  const stdout = new CappedOutput(limit);
  const stderr = new CappedOutput(limit);
  const streams = [evaluation.stdout, evaluation.stderr];
  const collected = Promise.all([
    collect(evaluation.stdout, stdout),
    collect(evaluation.stderr, stderr),
  ]);
  try {
    const outcome = await evaluation.outcome;
    await within(outputGraceMs, collected);
    return {
      ...outcome,
      stdout: stdout.text(),
      stderr: stderr.text(),
      dropped: { stdout: stdout.dropped, stderr: stderr.dropped },
    };
  } finally {
    for (const stream of streams) stream.destroy();
  }
}

/** As {@link evalInGrandchild}, but returns as soon as the process exists; its output must be read. */
export async function streamInGrandchild<V>(
  prerequest: Form | null,
  request: Form<V>,
  options: EvaluationOptions = {},
): Promise<StreamedEvaluation<V>> {
  const { signal, nested = true, leavesProcesses = false } = options;
  const { zygote = await currentZygote() } = options;
  signal?.throwIfAborted();
  const { staleRandomness } = zygote;
  // Without a prerequest the grandchild's own zygote would be a copy of this one, so it asks this one.
  const isClient = nested && prerequest === null && zygote.kind === "forked";
  const first = {
    kind: "prerequest",
    nested: nested && !isClient,
    leavesProcesses,
    staleRandomness,
    form: prerequest && plainForm(prerequest),
  };
  const messages = [first, { kind: "request", form: plainForm(request) }].map(encodeFrame);
  const grandchild = await spawnWhenFree(
    zygote,
    Buffer.concat(messages),
    { isClient, leavesProcesses },
    signal,
  );
  grandchild.conversation.on("error", () => {}); // that it ended is told by its zygote
  const limits = new Limits(grandchild, options);
  const outcome = follow(grandchild, request, limits, options).finally(() => {
    limits.clear();
    endSoon(grandchild);
  });
  // Whoever only reads the streams need not look at the outcome.
  outcome.catch(() => {});
  return {
    pid: grandchild.pid,
    stdout: grandchild.stdout,
    stderr: grandchild.stderr,
    outcome,
    kill: (name) => grandchild.kill(name),
  };
}

async function follow<V>(
  grandchild: GrandchildHandle,
  request: Form<V>,
  limits: Limits,
  listening: Listening,
): Promise<FormOutcome<V>> {
  const replied = readReply(grandchild.conversation, grandchild.conversation, listening).then(
    (reply) => ({ reply }),
    (thrown: unknown) => {
      grandchild.kill("SIGKILL");
      return { thrown };
    },
  );
  try {
    const result = await replied;
    const reply = "reply" in result ? result.reply : undefined;
    // A grandchild that asks our zygote cannot know how that died: it is our child, so we can.
    const lostZygote = reply?.kind === "threw" && reply.error.code === ZygoteDied.code;
    const exitCode = lostZygote ? undefined : reply?.exitCode;
    const end = exitCode === undefined ? await grandchild.ended : { exitCode, signal: null };
    limits.signal?.throwIfAborted();
    if ("thrown" in result) throw result.thrown;
    return outcomeOf(grandchild, request, end, reply, limits);
  } finally {
    grandchild.conversation.destroy();
  }
}

function outcomeOf<V>(
  { pid, ended: gone }: GrandchildHandle,
  request: Form<V>,
  end: End,
  reply: ReplyMessage | undefined,
  limits: Limits,
): FormOutcome<V> {
  const nothing = () => {};
  const common = { pid, ...end, value: undefined, gone: gone.then(nothing, nothing) };
  if (reply?.kind === "threw") {
    return { ...common, ended: "threw", error: reply.error };
  }
  if (reply) return { ...common, ended: "returned", value: checkValue(request, reply.value) };
  if (limits.isTimedOut) return { ...common, ended: "timedOut" };
  return { ...common, ended: end.signal ? "signalled" : "exited" };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  const grace = sleep(ms, undefined, { signal: late.signal, ref: false }).catch(() => {});
  await Promise.race([work, grace]);
  late.abort();
}
