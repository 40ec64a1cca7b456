/**
 * How a grandchild ends: its one reply, then `_exit`.
 *
 * Node's own way out waits for threads that fork did not copy, and hangs; so every road that leads
 * there is led here: a settled form, an uncaught error, `process.exit`, an event loop that runs dry.
 */
import { inspect } from "node:util";
import { isAwaitingAnswers } from "./conversation.js";
import { describeError } from "./errors.js";
import { encodeFrame } from "./frames.js";
import { native } from "./native.js";
import type { ReplyMessage } from "./protocol.js";

let conversation: number | undefined;
/**
 * Makes the reply at the very end, when the exit code is known. Undefined: the form ends the
 * process by itself.
 */
let lastWords: ((exitCode: number) => ReplyMessage) | undefined;
let keepalive: NodeJS.Timeout | undefined;
/** Whether the timer is a copy, and so among what was {@link inherited}: it must not be counted twice. */
let isKeepaliveInherited = false;
/**
 * What was active at the start: idle streams of the process we are a copy of, and this turn of the
 * event loop.
 */
let inherited: readonly string[] = [];
let idleTicks = 0;

/** How long an answer that nobody needs any more may take to be written. */
const answerPatienceMs = 1000;
const tickMs = 500;
const idleTicksToEnd = 4;
/** What Node itself exits with when a top-level promise never settles. */
const unsettledExitCode = 13;

/** Node's hook for uncaught errors: whether somebody handled it. */
type FatalException = (error: unknown, fromPromise: boolean) => boolean;
const internals = process as unknown as {
  _fatalException: FatalException;
  /** What `process.exit` ends with, once the handlers of 'exit' have run. */
  reallyExit: (code?: unknown) => never;
};
/**
 * Node's own: a form may replace `process.exit`, as tests of command lines do; we must end all the
 * same.
 */
const exit = process.exit.bind(process);

/** Leads every way to end here; done once, by the zygote. */
export function installEnding(): void {
  internals.reallyExit = exitNow;
  const { _fatalException: original } = internals;
  internals._fatalException = (error, fromPromise) => {
    let last = error;
    try {
      if (original.call(process, error, fromPromise)) return true;
    } catch (thrownByHandler) {
      last = thrownByHandler;
    }
    // By now 'exit' was emitted, and Node would go on to its own end.
    threw(last);
    exitNow(Number(process.exitCode ?? 0) || 1);
  };
}

/** The reply of this grandchild goes to that descriptor. */
export function openReply(fd: number): void {
  conversation = fd;
  inherited = process.getActiveResourcesInfo();
  isKeepaliveInherited = keepalive !== undefined;
}

/** The form has evaluated to this. */
export function succeed(value: unknown): never {
  lastWords = (exitCode) => ({
    kind: "returned",
    exitCode,
    ...(value !== undefined && { value }),
  });
  // Handlers of 'exit' still run, and can change the exit code.
  if (process.listenerCount("exit") === 0) exitNow(process.exitCode);
  return exit();
}

/** The form has thrown this, or could not be evaluated at all. */
export function failWith(thrown: unknown): never {
  threw(thrown);
  return exit(Number(process.exitCode ?? 0) || 1);
}

/** From now on the event loop does not run dry: a promise may wait for what is no handle. */
export function keepAlive(): void {
  keepalive ??= setInterval(endIfNothingCanHappen, tickMs);
}

/** What keeps this process going, besides what was copied and what is ours. */
export function pendingResources(): readonly string[] {
  const own = [...inherited, ...(keepalive && !isKeepaliveInherited ? ["Timeout"] : [])];
  return process.getActiveResourcesInfo().filter((kind) => {
    const index = own.indexOf(kind);
    if (index >= 0) own.splice(index, 1);
    return index < 0;
  });
}

/** A form whose promise nothing can settle any more would otherwise wait for ever. */
function endIfNothingCanHappen(): void {
  const before = cpuMs;
  const { user, system } = process.cpuUsage();
  cpuMs = (user + system) / 1000;
  // Work on other threads may be known to no handle, but it takes processor time.
  const idle = pendingResources().length === 0 && !native().loopAlive() && cpuMs - before < 10;
  idleTicks = idle ? idleTicks + 1 : 0;
  if (idleTicks < idleTicksToEnd) return;
  print("Warning: the form waits for a promise that nothing can settle any more");
  exit(unsettledExitCode);
}
let cpuMs = 0;

function threw(thrown: unknown): void {
  print(thrown);
  const error = describeError(thrown);
  lastWords = (exitCode) => ({ kind: "threw", exitCode, error });
}

function print(thrown: unknown): void {
  const text = typeof thrown === "string" ? thrown : inspect(thrown);
  try {
    native().write(2, Buffer.from(`${text}\n`));
  } catch {
    // The error still is in the reply.
  }
}

function exitNow(code: unknown): never {
  const exitCode = Number(code ?? process.exitCode ?? 0) & 255;
  if (conversation === undefined || !lastWords) return native().exit(exitCode);
  const patienceMs = isAwaitingAnswers() ? answerPatienceMs : 0;
  try {
    return native().end(conversation, encodeFrame(lastWords(exitCode)), exitCode, patienceMs);
  } catch (unserialisable) {
    print(unserialisable);
    const error = describeError(unserialisable);
    const frame = encodeFrame({ kind: "threw", exitCode: exitCode || 1, error });
    return native().end(conversation, frame, exitCode || 1, patienceMs);
  }
}
