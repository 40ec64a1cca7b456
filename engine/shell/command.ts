import { setMaxListeners } from "node:events";
import os from "node:os";
import { afterMs, CappedOutput, onAbort, withResolvers } from "../../core/index.js";
import {
  Cancelled,
  CommandSilent,
  CommandTimedOut,
  ConsfigError,
  FileFailed,
  lastLines,
  OutputTooLarge,
  SessionGarbled,
} from "../base/index.js";
import { type LeftProcess, unknownLeft } from "./leftRunning.js";
import type { Message } from "./message.js";
import type { ExecOptions, ExecResult } from "./options.js";

/** A stream that a command prints on. */
export type StreamName = "stdout" | "stderr";

/** What a command needs of its session. */
export interface Stopper {
  /** Sends the signal to what runs there, with all that it has started. */
  stop(command: RemoteCommand, signal: "TERM" | "KILL"): void;
  /** The host does not do what a session does, so what it says is not to be believed any more. */
  giveUp(what: string): void;
  /** The processes that are left of the command; undefined if nobody knows. */
  leftOf(command: RemoteCommand): Promise<readonly LeftProcess[] | undefined>;
}

const defaultMaxOutput = 2 * 1024 * 1024;
/** How long a command that looks may take, if nobody says otherwise: nobody waits for ever for a look. */
const lookLimitMs = 10 * 60_000;
/** How long the host may take to begin the command whose turn it is; much may still be on its way there. */
const startLimitMs = 5 * 60_000;
/** How long a command may take to end after SIGTERM; and after SIGKILL, before all is given up. */
const graceMs = 2000;
const killedGraceMs = 1500;
const stepMs = 250;

/** One command of a session, from being asked for to its answer. */
export class RemoteCommand {
  readonly number: number;
  readonly looks: boolean;
  readonly message: Message;
  /** The command's process on the host, once it runs. */
  pid: number | undefined;
  readonly #name: string;
  readonly #options: ExecOptions;
  readonly #stopper: Stopper;
  readonly #output: Record<StreamName, CappedOutput>;
  readonly #states: Record<StreamName, "waiting" | "running" | "ended"> = {
    stdout: "waiting",
    stderr: "waiting",
  };
  #sent = false;
  #start: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #stopping: NodeJS.Timeout | undefined;
  #exitCode = 0;
  #refused: string | undefined;
  /** Why the command is being stopped, or could not run: `result` rejects with that. */
  #reason: { readonly error: unknown } | undefined;
  #settled = false;
  #stopListening = () => {};
  readonly #answer = withResolvers<ExecResult>();

  constructor(
    number: number,
    name: string,
    message: Message,
    options: ExecOptions,
    stopper: Stopper,
  ) {
    this.number = number;
    this.looks = options.looks;
    this.message = message;
    this.#name = name;
    this.#options = options;
    this.#stopper = stopper;
    // Half of it for the beginning, and half for the end.
    const most = Math.ceil((options.maxOutputBytes ?? defaultMaxOutput) / 2);
    this.#output = { stdout: new CappedOutput(most), stderr: new CappedOutput(most) };
    const { signal } = options;
    if (!signal) return;
    // Many commands may wait for the same signal: no leak that Node would have to warn of.
    setMaxListeners(0, signal);
    this.#stopListening = onAbort(signal, () => this.#end(new Cancelled(`cancelled: ${name}`)));
  }

  /** Settles with its answer. */
  get result(): Promise<ExecResult> {
    return this.#answer.promise;
  }

  /** Whether the command's answer has been given: it may still be running. */
  get isSettled(): boolean {
    return this.#settled;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  hasEnded(stream: StreamName): boolean {
    return this.#states[stream] === "ended";
  }

  /** The command is on its way to the host. */
  send(): void {
    this.#sent = true;
  }

  /** Nothing that was sent before the command is still running. */
  takesItsTurn(): void {
    if (this.#start || this.#states.stdout !== "waiting") return;
    const { silenceMs = startLimitMs } = this.#options;
    const what = `a command was not begun for ${silenceMs} ms: ${this.#name}`;
    this.#start = afterMs(silenceMs, () => this.#stopper.giveUp(what));
  }

  /** Takes what the command printed. Nothing more is read until a promise that is returned settles. */
  print(stream: StreamName, bytes: Buffer): Promise<void> | undefined {
    // What comes before its start is printed by a background process of an earlier command.
    if (this.#states[stream] !== "running" || this.#settled) return undefined;
    this.#silence?.refresh();
    this.#output[stream].push(bytes);
    if (this.looks && this.#output[stream].dropped > 0) {
      this.#end(tooMuch(this.#name));
      return undefined;
    }
    try {
      const held = this.#options.onOutput?.(stream, bytes);
      return held?.catch((error: unknown) => this.#end(error));
    } catch (error) {
      this.#end(error);
      return undefined;
    }
  }

  /** Takes a mark. @throws SessionGarbled when it is not one that can come now. */
  mark(stream: StreamName, letter: string, [number, value]: readonly string[]): void {
    const state = this.#states[stream];
    const isOut = stream === "stdout";
    if (number !== String(this.number)) {
      throw new SessionGarbled(`an answer out of turn: ${letter}`);
    }
    if (letter === "S" && state === "waiting") {
      this.#states[stream] = "running";
      if (isOut) this.#starts();
    } else if (letter === "P" && state !== "ended" && isOut) {
      this.pid = whole(value);
      if (this.#reason) this.#stop();
    } else if (letter === "C" && state === "running" && isOut) {
      this.#refused = value;
    } else if (letter === "E" && state !== "ended" && (!isOut || this.pid !== undefined)) {
      this.#states[stream] = "ended";
      if (isOut) this.#exitCode = exitCode(whole(value));
    } else {
      throw new SessionGarbled(`an answer that is not expected now: ${letter}`);
    }
  }

  /** Both streams have ended: the answer is complete. */
  finish(): void {
    const { onLeft } = this.#options;
    clearInterval(this.#stopping);
    if (this.looks || !this.isStopping || !onLeft) this.#settle();
    else void this.#stopper.leftOf(this).then((processes) => this.#tellLeft(processes, onLeft));
  }

  /** The command cannot run, or the session is over before the command has ended. */
  fail(error: unknown): void {
    clearTimeout(this.#start);
    clearInterval(this.#stopping);
    if (this.isStopping && !this.looks) this.#leftIsUnknown();
    this.#reason ??= { error };
    this.#settle();
  }

  #tellLeft(
    processes: readonly LeftProcess[] | undefined,
    tell: (processes: readonly LeftProcess[]) => void,
  ): void {
    if (!processes) this.#leftIsUnknown();
    else if (processes.length > 0) tell(processes);
    this.#settle();
  }

  #leftIsUnknown(): void {
    const error = this.#reason?.error;
    if (error instanceof ConsfigError) Object.assign(error.facts, { hint: unknownLeft });
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#limit);
    clearTimeout(this.#silence);
    this.#stopListening();
    const stdout = this.#output.stdout.bytes();
    const stderr = this.#output.stderr.bytes();
    if (this.#refused !== undefined) this.#reason ??= { error: this.#refusal(stderr) };
    if (this.#reason) this.#answer.reject(this.#reason.error);
    else this.#answer.resolve({ ...this.#ending(), stdout, stderr, dropped: this.#dropped() });
  }

  #ending(): { exitCode: number; signal?: string } {
    const exitCode = this.#exitCode;
    const signal = exitCode > 128 ? signalName(exitCode - 128) : undefined;
    return signal ? { exitCode, signal } : { exitCode };
  }

  #dropped(): number {
    return this.#output.stdout.dropped + this.#output.stderr.dropped;
  }

  #refusal(stderr: Buffer): FileFailed {
    const { cwd = "" } = this.#options;
    const output = lastLines(stderr.toString("utf8").trim(), 5);
    return this.#refused === "cwd"
      ? new FileFailed(`a command cannot run in ${cwd}: ${output}`, { cwd, output })
      : new FileFailed("what a command was to read is not there any more");
  }

  #starts(): void {
    clearTimeout(this.#start);
    if (this.#reason) {
      this.#stop();
      return;
    }
    const { timeoutMs = this.looks ? lookLimitMs : undefined, silenceMs } = this.#options;
    this.#limit = afterMs(timeoutMs, () => {
      const message = `a command ran longer than ${timeoutMs} ms: ${this.#name}`;
      this.#end(new CommandTimedOut(message, { timeoutMs }));
    });
    this.#silence = afterMs(silenceMs, () => this.#end(this.#silent()));
  }

  #silent(): CommandSilent {
    const { silenceMs } = this.#options;
    const [stdout, stderr] = [this.#output.stdout, this.#output.stderr].map((output) =>
      lastLines(output.bytes().toString("utf8"), 5),
    );
    return new CommandSilent(`a command printed nothing for ${silenceMs} ms: ${this.#name}`, {
      silenceMs,
      output: stderr || stdout || "",
      hint: "find out what it waits for; it may want an answer, which nobody gives here",
    });
  }

  #end(error: unknown): void {
    if (this.#reason || this.#settled) return;
    this.#reason = { error };
    // A command that looks does no harm if it starts after all; it is stopped then.
    if (this.#sent && !(this.looks && this.#states.stdout === "waiting")) this.#stop();
    else this.#settle();
  }

  /** Stops the command: by SIGTERM, then by SIGKILL. `result` rejects when it really has ended. */
  #stop(): void {
    this.#signal("TERM");
    let waitedMs = 0;
    this.#stopping ??= setInterval(() => {
      waitedMs += stepMs;
      if (waitedMs >= graceMs + killedGraceMs)
        this.#stopper.giveUp("a command could not be stopped");
      else if (waitedMs >= graceMs) this.#signal("KILL");
      // A program that the shell is just starting can miss the signal.
      else if (this.looks) this.#signal("TERM");
    }, stepMs);
  }

  #signal(signal: "TERM" | "KILL"): void {
    const runs = this.pid !== undefined && this.#states.stdout === "running";
    if (runs) this.#stopper.stop(this, signal);
  }
}

function tooMuch(name: string): OutputTooLarge {
  return new OutputTooLarge(`${name} printed too much`, {
    hint: "let it print only what is needed, or write to a file and read the end of that",
  });
}

function whole(text: string | undefined): number {
  const number = /^\d{1,10}$/.test(text ?? "") ? Number(text) : Number.POSITIVE_INFINITY;
  if (number < 2 ** 31) return number;
  throw new SessionGarbled("an answer with a number that cannot be");
}

/** Some shells tell of a signal by its number and 256 or 384, instead of 128. */
function exitCode(told: number): number {
  return told > 255 ? 128 + (told % 128) : told;
}

function signalName(number: number): string | undefined {
  return Object.entries(os.constants.signals).find(([, value]) => value === number)?.[0];
}
