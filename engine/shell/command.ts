import os from "node:os";
import {
  Cancelled,
  CommandTimedOut,
  type ConsfigError,
  FileFailed,
  SessionGarbled,
} from "../errors.js";
import { Output } from "./output.js";
import type { ExecOptions } from "./session.js";

/** How a command ended, and what it printed. */
export interface ExecResult {
  readonly exitCode: number;
  /** The signal that ended it, if the exit code says that one did. */
  readonly signal?: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes of stdout and stderr that were not kept. */
  readonly dropped: number;
}

type StreamName = "stdout" | "stderr";

const defaultMaxOutput = 2 * 1024 * 1024;
/** How long a command may take to end after SIGTERM; and the session after SIGKILL. */
const graceMs = 2000;

/** One command of a session, from being asked for to its answer. */
export class RemoteCommand {
  readonly number: number;
  readonly text: string;
  readonly result: Promise<ExecResult>;
  /** What is sent to start it. */
  line = "";
  /** Its process on the host, once it runs. */
  pid: number | undefined;
  readonly #options: ExecOptions;
  readonly #stop: (signal: "TERM" | "KILL") => void;
  readonly #output: Record<StreamName, Output>;
  readonly #states = { stdout: "waiting", stderr: "waiting" } as Record<
    StreamName,
    "waiting" | "running" | "ended"
  >;
  readonly #timers: NodeJS.Timeout[] = [];
  #exitCode: number | undefined;
  /** Why it is being stopped, or could not run: what it throws when it has ended. */
  #reason: ConsfigError | undefined;
  #stopping = false;
  #settled = false;
  #resolve!: (result: ExecResult) => void;
  #reject!: (error: ConsfigError) => void;

  constructor(
    number: number,
    text: string,
    options: ExecOptions,
    stop: (signal: "TERM" | "KILL") => void,
  ) {
    this.number = number;
    this.text = text;
    this.#options = options;
    this.#stop = stop;
    const most = options.maxOutputBytes ?? defaultMaxOutput;
    this.#output = { stdout: new Output(most), stderr: new Output(most) };
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal } = options;
    signal?.addEventListener("abort", this.#cancel);
    if (signal?.aborted) queueMicrotask(this.#cancel);
  }

  get looks(): boolean {
    return this.#options.looks;
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  /** Whether it is being, or has been, stopped for a time limit or because it was cancelled. */
  get isBeingStopped(): boolean {
    return this.#stopping;
  }

  hasEnded(stream: StreamName): boolean {
    return this.#states[stream] === "ended";
  }

  /** Takes what was printed. A promise holds up what comes next. */
  print(stream: StreamName, bytes: Buffer): Promise<void> | undefined {
    // Before its start: left over from an earlier command's background process.
    if (this.#states[stream] !== "running") return undefined;
    this.#output[stream].add(bytes);
    return this.#options.onOutput?.(stream, bytes) ?? undefined;
  }

  /** Takes a mark. @throws SessionGarbled when it is not one that can come now. */
  mark(stream: StreamName, letter: string, fields: readonly string[]): void {
    const [number, value] = fields;
    const state = this.#states[stream];
    if (number !== String(this.number))
      throw new SessionGarbled(`an answer out of turn: ${letter}`);
    if (letter === "S" && state === "waiting") {
      this.#states[stream] = "running";
      if (stream === "stdout") this.#started();
    } else if (letter === "P" && state === "running" && stream === "stdout") {
      this.pid = whole(value, 2 ** 31);
      if (this.#stopping) this.#stop("TERM");
    } else if (letter === "C" && state === "running" && stream === "stdout") {
      const cwd = this.#options.cwd ?? "";
      this.#reason ??= new FileFailed(`there is no directory ${cwd} to run a command in`, { cwd });
    } else if (letter === "E" && state === "running") {
      this.#states[stream] = "ended";
      if (stream === "stdout") this.#exitCode = whole(value, 256);
    } else {
      throw new SessionGarbled(`an answer that is not expected now: ${letter}`);
    }
  }

  /** The session is over before the command has ended. */
  fail(error: ConsfigError): void {
    this.#reason ??= error;
    this.settle();
  }

  /** Gives the answer, if it has not been given. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.signal?.removeEventListener("abort", this.#cancel);
    if (this.#reason) return this.#reject(this.#reason);
    const { stdout, stderr } = this.#output;
    const exitCode = this.#exitCode ?? 0;
    const signal = exitCode > 128 ? signalName(exitCode - 128) : undefined;
    this.#resolve({
      exitCode,
      ...(signal ? { signal } : {}),
      stdout: stdout.bytes(),
      stderr: stderr.bytes(),
      dropped: stdout.dropped + stderr.dropped,
    });
  }

  #started(): void {
    const { timeoutMs } = this.#options;
    if (timeoutMs === undefined) return;
    const late = () =>
      this.#end(
        new CommandTimedOut(`a command ran longer than ${timeoutMs} ms: ${this.text}`, {
          timeoutMs,
        }),
      );
    this.#timers.push(setTimeout(late, timeoutMs));
  }

  readonly #cancel = () => this.#end(new Cancelled(`cancelled: ${this.text}`));

  /** It is stopped: politely, then for good. The reason is thrown when it really has ended. */
  #end(reason: ConsfigError): void {
    if (this.#reason || this.#settled) return;
    this.#reason = reason;
    this.#stopping = true;
    this.#stop("TERM");
    this.#timers.push(setTimeout(() => this.#stop("KILL"), graceMs));
    this.#timers.push(setTimeout(() => this.settle(), 2 * graceMs));
  }
}

function whole(text: string | undefined, below: number): number {
  const number = /^\d{1,10}$/.test(text ?? "") ? Number(text) : below;
  if (number < below) return number;
  throw new SessionGarbled("an answer with a number that cannot be");
}

function signalName(number: number): string | undefined {
  return Object.entries(os.constants.signals).find(([, value]) => value === number)?.[0];
}
