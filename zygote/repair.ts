/**
 * What a forked copy of a process has to set right before anybody's code runs in it: everything that
 * still says, writes or listens as the process it was copied from.
 */
import crypto from "node:crypto";
import { EventEmitter } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import { Readable, Writable } from "node:stream";
import workerThreads from "node:worker_threads";
import { foreignVariables } from "./environment.js";
import { NoWorkerThreads } from "./errors.js";
import { native } from "./native.js";

/** Done once, by a process that is about to serve as zygote: its children inherit all of it. */
export function repairForChildren(): void {
  replaceStandardStreams();
  for (const name of foreignVariables) delete process.env[name];
  replaceMathRandom();
  refuseWorkers();
}

/** Done by each child before anything else. */
export function repairIdentity(): void {
  // With the number that was copied `process.kill(process.pid)` would kill the zygote.
  Object.defineProperty(process, "pid", {
    value: native().getpid(),
    enumerable: true,
    configurable: true,
  });
  drawn = pool.length;
}

/**
 * Writes at once and waits for the reader.
 *
 * Node's own stream for a pipe buffers what does not fit, and `_exit`, the only safe way to end a
 * forked process, would lose it.
 */
class BlockingOutput extends Writable {
  readonly fd: number;

  constructor(fd: number) {
    super({ decodeStrings: true });
    this.fd = fd;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      native().write(this.fd, chunk);
    } catch (error) {
      // Nobody reads any more: we are about to be ended, and an error would only hide why.
      if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) {
        done(error as Error);
        return;
      }
    }
    done();
  }
}

function replaceStandardStreams(): void {
  const stdout = new BlockingOutput(1);
  const stderr = new BlockingOutput(2);
  let stdin: Readable | undefined;
  define("stdout", () => stdout);
  define("stderr", () => stderr);
  define("stdin", () => {
    stdin ??= Object.assign(Readable.from([]), { fd: 0 });
    return stdin;
  });
  // The console keeps the streams that it has used once.
  Object.assign(console, { _stdout: stdout, _stderr: stderr });

  function define(name: string, get: () => unknown): void {
    Object.defineProperty(process, name, { get, enumerable: true, configurable: true });
  }
}

/**
 * Removes the handlers of the process that this one is a copy of: they would act on its behalf in
 * here.
 */
export function removeHandlers(): void {
  const events = [
    "exit",
    "beforeExit",
    "uncaughtException",
    "uncaughtExceptionMonitor",
    "unhandledRejection",
    "rejectionHandled",
    "message",
    "disconnect",
  ];
  for (const name of process.eventNames()) {
    if (typeof name !== "string") continue;
    if (events.includes(name) || name.startsWith("SIG")) process.removeAllListeners(name);
  }
  process.setUncaughtExceptionCaptureCallback(null);
}

const pool = new Uint32Array(128);
let drawn = pool.length;

/** V8's generator is copied by fork: all grandchildren would draw the same numbers. */
function replaceMathRandom(): void {
  const bytes = new Uint8Array(pool.buffer);
  Math.random = function random(): number {
    if (drawn >= pool.length) {
      native().fillRandom(bytes);
      drawn = 0;
    }
    const high = (pool[drawn] ?? 0) >>> 5;
    const low = (pool[drawn + 1] ?? 0) >>> 6;
    drawn += 2;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}

/**
 * `randomUUID` and `randomInt` draw from caches that, once filled, fork copies. Both are used up
 * here, so that the next call fills them anew in this process. (How many draws a cache holds is the
 * same in all versions of Node that have it; a spec finds out when that changes.)
 */
export function useUpRandomCaches(): void {
  for (let i = 0; i < 128; i++) crypto.randomUUID();
  for (let i = 0; i < 1024; i++) crypto.randomInt(2);
}

/** A thread started in a forked process can hang it: V8's own threads are not there any more. */
function refuseWorkers(): void {
  const { Worker } = workerThreads;
  const message = "worker threads cannot be started in a grandchild";
  const hint = "ask for an exec'ed process, or do the work in the root process's pool";
  const refuse = (): never => {
    throw new NoWorkerThreads(message, { hint });
  };
  workerThreads.Worker = new Proxy(Worker, { construct: refuse });
  syncBuiltinESMExports();
  // Code that took the class before it was replaced still runs the constructor of its base.
  const statics = EventEmitter as unknown as { init: (this: unknown, options: unknown) => void };
  const { init } = statics;
  statics.init = function checkedInit(options) {
    if (this instanceof Worker) refuse();
    init.call(this, options);
  };
}
