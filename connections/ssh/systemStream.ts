import { readFileSync, rm } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { withResolvers } from "../../core/index.js";
import { type ByteStream, ConnectionFailed, type StreamEnd } from "../../engine/index.js";
import { factsOf, lost } from "./failures.js";
import { cancelled } from "./options.js";
import { spawnSession, unattended } from "./program.js";
import { Pump } from "./pump.js";
import type { Stop } from "./route.js";
import { sessionRefused } from "./sessions.js";
import { plainLines } from "./systemFailure.js";

/** A program behind an `ssh` process of its own, on a connection that other processes share. */
export interface SystemStream extends ByteStream {
  /**
   * Settles when the host has opened the session, or the program has ended.
   *
   * Rejects with ConnectionFailed when the host refused, with Cancelled when `signal` was aborted.
   */
  opened(signal: AbortSignal | undefined): Promise<void>;
  /** Ends the process and settles `ended` with the error. */
  lose(error: ConnectionFailed): void;
  /** Settles when the process is gone. */
  readonly gone: Promise<void>;
}

/** What a stream knows of the connection it is on. */
export interface StreamContext {
  readonly stop: Stop;
  /** Where `ssh` writes; removed in the end. */
  readonly log: string;
  /** The error when the connection is gone or closed. */
  over(): ConnectionFailed | undefined;
  /** Whether the process that holds the connection answers. */
  isAlive(): Promise<boolean>;
  /** How many programs run already, for the message. */
  readonly running: number;
}

/** What is written to the log when the host has opened the session. */
const sessionOpened = /master session id/;
/** An `ssh` that writes no such thing is taken to have opened it after this time. */
const patienceMs = 2000;

/**
 * Starts an `ssh` process for a program.
 *
 * @throws ConnectionFailed when no process can be started.
 */
export function systemStream(
  ssh: string,
  words: readonly string[],
  context: StreamContext,
): SystemStream {
  const { stop, log } = context;
  const child = spawnSession(ssh, words, unattended());
  if (!child) throw new ConnectionFailed("no process can be started for ssh", factsOf(stop));
  let spawnFailure: ConnectionFailed | undefined;
  let over = false;
  const ended = withResolvers<StreamEnd>();
  const finish = (end: StreamEnd) => {
    if (over) return;
    over = true;
    child.stdin.destroy();
    ended.resolve(end);
  };
  const stdout = new Pump(child.stdout);
  const stderr = new Pump(child.stderr);
  child.stdin.on("error", () => {});
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      spawnFailure = new ConnectionFailed(`ssh cannot be started: ${error.message}`, factsOf(stop));
      finish({ error: spawnFailure });
      resolve();
    });
  });
  child.once("exit", (code, signal) => {
    void exitOf(code, signal, context).then((end) => {
      finish(end);
      rm(log, { force: true }, () => {});
    });
  });
  return {
    stdin: child.stdin,
    stdout,
    stderr,
    ended: ended.promise,
    gone,
    async opened(signal) {
      const until = Date.now() + patienceMs;
      while (Date.now() < until && !over) {
        const exited = child.exitCode !== null || child.signalCode !== null;
        const text = readLog(log);
        if (/session request failed|open refused/.test(text)) {
          throw sessionRefused(stop, context.running, plainLines(text).split("\n")[0] ?? "");
        }
        const error = spawnFailure ?? context.over();
        if (error) throw error;
        if (signal?.aborted) throw cancelled(stop.config.host);
        if (exited || sessionOpened.test(text)) return;
        await sleep(5);
      }
      const error = spawnFailure ?? context.over();
      if (error) throw error;
    },
    lose(error) {
      finish({ error });
      child.kill("SIGKILL");
    },
    destroy() {
      finish({});
      stdout.cut();
      stderr.cut();
      child.kill("SIGKILL");
    },
  };
}

/** What the end of an `ssh` process says about the program. */
async function exitOf(
  code: number | null,
  signal: string | null,
  context: StreamContext,
): Promise<StreamEnd> {
  const { stop, log, over } = context;
  if (code === null) return { error: lost(stop, `the ssh process was ended by ${signal}`) };
  // 255 is ssh's own way to fail, but a program may end so too.
  if (code !== 255) return { exitCode: code };
  const text = readLog(log);
  if (/Received exit status from master 255/.test(text)) return { exitCode: 255 };
  // The connection lives: the host said that the program ended and gave no code, as after a signal.
  if (sessionOpened.test(text) && !over() && (await context.isAlive())) return {};
  // The end of a connection may be seen on its sessions first.
  for (let waited = 0; waited < 2000 && !over(); waited += 20) await sleep(20);
  return { error: over() ?? lost(stop, plainLines(text) || "ssh ended without a word") };
}

function readLog(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
