import net from "node:net";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GrowingBuffer,
  type PromiseWithResolvers,
  Semaphore,
  withResolvers,
} from "../core/index.js";
import { GrandchildRefused, ZygoteDied } from "./errors.js";
import { native, type SyscallError } from "./native.js";
import type { End, GrandchildHandle, HowToSpawn, Zygote } from "./zygote.js";

/** The length of each message on the control socket, as in native/serve.c: kind, id, a, b. */
const messageBytes = 16;
const toZygote = { start: 1, signal: 2 } as const;
/** So much surely fits into an empty socket. */
const socketBytes = 32 * 1024;
const fromZygote = { started: 1, ended: 2, refused: 3, otherStarted: 4, otherEnded: 5 } as const;

const defaultConcurrency = 128;
/** How long a zygote may take to end its processes and itself, before it is killed. */
const patienceMs = 5000;
const nothing = Buffer.alloc(0);

interface Waiting {
  /**
   * The process to kill if the zygote cannot. Unknown if the zygote counts in a pid namespace of
   * its own.
   */
  pid: number | undefined;
  readonly started: PromiseWithResolvers<number>;
  readonly ended: PromiseWithResolvers<End>;
}

/** The client of a zygote that was forked out of this process, or runs beside it. */
export class ForkedZygote implements Zygote {
  readonly kind = "forked";
  readonly pid: number;
  staleRandomness: boolean;
  readonly semaphore: Semaphore;
  readonly #control: number;
  readonly #reap: () => End | undefined;
  readonly #waiting = new Map<number, Waiting>();
  /** Processes that our grandchildren have asked the same zygote for. */
  readonly #others = new Set<number>();
  #socket: net.Socket | undefined;
  readonly #heard = new GrowingBuffer();
  #nextId = 1;
  #death: Promise<ZygoteDied> | undefined;
  #isClosing = false;

  constructor(
    end: { readonly control: number; readonly pid: number },
    options: {
      readonly staleRandomness: boolean;
      readonly concurrency?: number | undefined;
      readonly reap?: () => End | undefined;
    },
  ) {
    this.semaphore = new Semaphore(options.concurrency ?? defaultConcurrency);
    this.pid = end.pid;
    this.#control = end.control;
    this.staleRandomness = options.staleRandomness;
    this.#reap = options.reap ?? (() => reapChild(this.pid));
  }

  async spawn(messages: Buffer, how: HowToSpawn): Promise<GrandchildHandle> {
    if (this.#death) throw await this.#death;
    this.#listen().ref();
    const id = this.#nextId++;
    const waiting: Waiting = { pid: undefined, started: withResolvers(), ended: withResolvers() };
    // Nobody may be waiting for `ended` when the zygote dies.
    waiting.ended.promise.catch(() => {});
    this.#waiting.set(id, waiting);
    // Messages that fit into the socket are there already when the process comes to read them.
    const fits = messages.length <= socketBytes;
    try {
      const message = messageOf(toZygote.start, id, flagsOf(how));
      const fds = await this.#untilSent(() =>
        native().ask(this.#control, message, fits ? messages : nothing),
      );
      const conversation = new net.Socket({ fd: fds[0], readable: true, writable: true });
      // The socket is reset when the zygote dies before it has read anything: told below, and by `ended`.
      conversation.on("error", () => {});
      const [stdout, stderr] = [reading(fds[1]), reading(fds[2])];
      if (!fits) conversation.write(messages);
      try {
        const pid = await waiting.started.promise;
        const kill = (signal: NodeJS.Signals) => this.#kill(id, signal);
        return { conversation, stdout, stderr, pid, ended: waiting.ended.promise, kill };
      } catch (error) {
        for (const stream of [conversation, stdout, stderr]) stream.destroy();
        throw error;
      }
    } catch (error) {
      this.#forget(id);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#listen().destroy();
    await this.#died();
  }

  #listen(): net.Socket {
    if (this.#socket) return this.#socket;
    const socket = new net.Socket({ fd: this.#control, readable: true, writable: false });
    socket.on("data", (bytes) => this.#receive(bytes));
    // Not 'close' alone: the descriptor is closed some time before, and its number may be another's
    // by then.
    for (const event of ["end", "error", "close"]) socket.on(event, () => void this.#died());
    socket.unref();
    this.#socket = socket;
    return socket;
  }

  /** What the work gives, as soon as the zygote has read enough for it. @throws ZygoteDied */
  async #untilSent<T>(work: () => T | undefined): Promise<T> {
    for (;;) {
      if (this.#death) throw await this.#death;
      try {
        const result = work();
        if (result !== undefined) return result;
      } catch (error) {
        const { syscall, errno } = error as SyscallError;
        if (syscall === "sendmsg") throw await this.#died();
        throw refusal(errno, syscall, `process ${process.pid}`);
      }
      await sleep(1);
    }
  }

  #receive(bytes: Buffer): void {
    this.#heard.push(bytes);
    while (this.#heard.length >= messageBytes) {
      const message = this.#heard.take(messageBytes);
      const id = message.readUInt32LE(4);
      this.#handle(message.readUInt32LE(0), id, message.readInt32LE(8), message.readInt32LE(12));
    }
  }

  #handle(kind: number, id: number, a: number, b: number): void {
    if (kind === fromZygote.otherStarted && b === 0) this.#others.add(a);
    if (kind === fromZygote.otherEnded) this.#others.delete(a);
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (kind === fromZygote.started) {
      if (b === 0) waiting.pid = a;
      waiting.started.resolve(a);
      return;
    }
    if (kind === fromZygote.ended) waiting.ended.resolve(endOf(a, b));
    if (kind === fromZygote.refused) {
      waiting.started.reject(refusal(a, undefined, "the zygote"));
    }
    this.#forget(id);
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    // A program that waits for nothing else may end, and its zygote with it.
    // (Without its descriptor a socket would only remember that it was asked.)
    if (this.#waiting.size === 0 && !this.#death) this.#socket?.unref();
  }

  #kill(id: number, signal: NodeJS.Signals): void {
    if (!this.#waiting.has(id)) return;
    const message = messageOf(toZygote.signal, id, os.constants.signals[signal]);
    this.#untilSent(() => native().send(this.#control, message, []) || undefined).catch(() => {});
  }

  /** The zygote has died: everyone who waits is told, once. */
  #died(): Promise<ZygoteDied> {
    this.#death ??= this.#findOutHow().then((error) => {
      for (const { pid, started, ended } of this.#waiting.values()) {
        if (pid !== undefined) killGroup(pid);
        started.reject(error);
        ended.reject(error);
      }
      for (const pid of this.#others) killGroup(pid);
      this.#waiting.clear();
      return error;
    });
    this.#socket?.destroy();
    return this.#death;
  }

  async #reapedWithin(ms: number): Promise<End | undefined> {
    const deadline = Date.now() + ms;
    let end = this.#reap();
    while (!end && Date.now() < deadline) {
      await sleep(2);
      end = this.#reap();
    }
    return end;
  }

  async #findOutHow(): Promise<ZygoteDied> {
    let end = await this.#reapedWithin(patienceMs);
    if (!end) {
      // The zygote was stopped, or hangs. Its number is still its own, since nobody has waited for it.
      killOne(this.pid);
      end = await this.#reapedWithin(patienceMs);
    }
    const how = this.#isClosing ? "was closed" : describeEnd(end);
    return new ZygoteDied(`the zygote (pid ${this.pid}) of process ${process.pid} ${how}`, {
      pid: this.pid,
      ...end,
      hint: "start the program again; what was being evaluated may have been done in part",
    });
  }
}

function killOne(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function reading(fd: number): net.Socket {
  return new net.Socket({ fd, readable: true, writable: false });
}

function flagsOf({ isClient, leavesProcesses }: HowToSpawn): number {
  return (isClient ? 1 : 0) | (leavesProcesses ? 2 : 0);
}

function messageOf(kind: number, id: number, a: number): Buffer {
  const message = Buffer.alloc(messageBytes);
  message.writeUInt32LE(kind, 0);
  message.writeUInt32LE(id, 4);
  message.writeInt32LE(a, 8);
  return message;
}

/**
 * The kernel ends the processes of a zygote with it. What those have started would stay: this ends
 * it.
 */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function reapChild(pid: number): End | undefined {
  try {
    const end = native().pollChild(pid);
    return end && endOf(...end);
  } catch {
    return { exitCode: null, signal: null }; // somebody else has reaped it
  }
}

function endOf(exitCode: number, signal: number): End {
  if (signal === 0) return { exitCode, signal: null };
  const names = Object.entries(os.constants.signals) as [NodeJS.Signals, number][];
  return { exitCode: null, signal: names.find(([, value]) => value === signal)?.[0] ?? null };
}

function describeEnd(end: End | undefined): string {
  if (end?.signal) return `was ended by ${end.signal}`;
  if (end && end.exitCode !== null) return `ended with exit code ${end.exitCode}`;
  return "is gone";
}

function refusal(errno: number, syscall: string | undefined, who: string): GrandchildRefused {
  if (errno === os.constants.errno.EDQUOT) {
    return new GrandchildRefused(`${who} cannot make a grandchild: this process has too many`, {
      hint: "ask for fewer at once: each process may have 256 grandchildren",
    });
  }
  const code = Object.entries(os.constants.errno).find(([, value]) => value === errno)?.[0];
  return new GrandchildRefused(`${who} cannot make a grandchild: ${code ?? errno}`, {
    errno,
    ...(syscall && { syscall }),
    hint: "raise the limits of processes, descriptors and memory, or ask for fewer at once",
  });
}
