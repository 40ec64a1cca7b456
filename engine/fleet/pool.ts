import type { EventLoopUtilization } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type BroadcastChannel, MessageChannel, type MessagePort } from "node:worker_threads";
import type { Piscina } from "piscina";
import { onAbort, withResolvers } from "../../core/index.js";
import { isError, ThreadLost } from "../base/index.js";
import type { DeploymentReport } from "../report/index.js";
import { answerForModules } from "./imageModules.js";
import type { Assignment, FromThread, ToThread } from "./messages.js";
import { type Attendant, type Deployer, deployHere, type HostTask } from "./task.js";
import type { ThreadData } from "./thread.js";
import { ThreadCodec } from "./threadCodec.js";

/**
 * How many tasks a thread may have at once: more than it is ever given, since the schedule decides
 * that.
 */
const anyNumber = 100_000;
/** A thread that does not answer for so long is stuck. */
const patienceMs = 3000;

/** Threads that carry out tasks, each of them many at once. */
export class ThreadPool {
  readonly #piscina: Piscina;
  readonly #answering: BroadcastChannel;
  readonly #stray: (error: unknown) => void;
  #before = new Map<number, EventLoopUtilization>();

  private constructor(
    piscina: Piscina,
    answering: BroadcastChannel,
    stray: (error: unknown) => void,
  ) {
    this.#piscina = piscina;
    this.#answering = answering;
    this.#stray = stray;
  }

  /**
   * So many threads that load these modules. `stray` is told of errors that belong to no task.
   *
   * After any zygote has been forked: a process with threads cannot be.
   */
  static async start(
    threads: number,
    modules: readonly string[],
    stray: (error: unknown) => void,
  ): Promise<ThreadPool> {
    const answering = answerForModules();
    const { Piscina } = await import("piscina");
    const piscina = new Piscina({
      filename: new URL("thread.js", import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: anyNumber,
      // Otherwise a thread without tasks would stand still, and with it the sockets it is closing.
      atomics: "disabled",
      workerData: { modules, channel: answering.name } satisfies ThreadData,
      recordTiming: false,
    });
    piscina.on("error", stray);
    return new ThreadPool(piscina, answering, stray);
  }

  /** How busy the busiest thread has been since this was asked last, from 0 to 1. */
  busy(): number {
    const before = this.#before;
    this.#before = new Map();
    const shares = this.#piscina.threads.map(({ performance, threadId }) => {
      const now = performance.eventLoopUtilization();
      this.#before.set(threadId, now);
      return performance.eventLoopUtilization(now, before.get(threadId)).utilization;
    });
    return Math.max(0, ...shares);
  }

  /** Carries out the task in one of the threads. */
  readonly deploy: Deployer = async (task, attendant) => {
    try {
      await attendant.before?.();
    } catch {
      return deployHere(task, attendant); // which tells it in its report
    }
    const first = this.#converse(task, attendant);
    try {
      return await first.report;
    } catch (error) {
      // If the thread was lost before it began, nothing has been done of it.
      const isUntouched = isError(error, ThreadLost) && first.thread === undefined;
      if (!isUntouched || first.isLeftBehind) throw error;
      return this.#converse(task, attendant).report;
    }
  };

  #converse(task: HostTask, attendant: Attendant): TaskExchange {
    const { port1: ours, port2: port } = new MessageChannel();
    const conversation = new TaskExchange(ours, attendant, this.#stray);
    attendant.late?.catch(() => {
      conversation.isLeftBehind = true;
      return this.#endIfStuck(conversation);
    });
    const assignment: Assignment<HostTask> = { task, port };
    const done = this.#piscina.run(assignment, { transferList: [port] });
    done.catch((error: Error) => {
      conversation.fail(
        new ThreadLost(`the thread that carried it out has ended: ${error.message}`, {
          hint: "deploy again; if it happens again, a property ends the process or takes all memory",
        }),
      );
    });
    return conversation;
  }

  /** A thread that does nothing else any more is ended: another one takes its place. */
  async #endIfStuck(conversation: TaskExchange): Promise<void> {
    if (await conversation.isThere()) return;
    const stuck = this.#piscina.threads.find(({ threadId }) => threadId === conversation.thread);
    await stuck?.terminate();
  }

  /** The threads are gone. */
  async close(): Promise<void> {
    this.#answering.close();
    await this.#piscina.destroy();
  }
}

/** What is said about one task, on the side of the root process. */
class TaskExchange {
  readonly report: Promise<DeploymentReport>;
  /** The number of the thread, as soon as the thread has begun the task. */
  thread: number | undefined;
  isLeftBehind = false;
  readonly #port: MessagePort;
  readonly #attendant: Attendant;
  readonly #codec = new ThreadCodec();
  readonly #inside = new Map<number, () => void>();
  readonly #stopListening: () => void;
  #isOver = false;
  #here = () => {};
  readonly #ending = withResolvers<DeploymentReport>();

  constructor(port: MessagePort, attendant: Attendant, stray: (error: unknown) => void) {
    this.#port = port;
    this.#attendant = attendant;
    this.report = this.#ending.promise.finally(() => this.#end());
    port.on("message", (packed) => {
      const message = this.#codec.unpack<FromThread>(packed);
      if (message.type === "stray") stray(message.error);
      else this.#take(message);
    });
    const { signal } = attendant;
    this.#stopListening = onAbort(signal, () => this.#say({ type: "cancel" }));
  }

  /** Whether the thread still hears what is said to it. */
  async isThere(): Promise<boolean> {
    const here = new Promise<boolean>((resolve) => {
      this.#here = () => resolve(true);
    });
    this.#say({ type: "areYouThere" });
    return Promise.race([here, sleep(patienceMs, false, { ref: false })]);
  }

  /** Because of that error nothing more will be said. */
  fail(error: unknown): void {
    this.#ending.reject(error);
  }

  #take(message: Exclude<FromThread, { type: "stray" }>): void {
    const { listener, data, admit, signal } = this.#attendant;
    switch (message.type) {
      case "begun":
        this.thread = message.thread;
        break;
      case "here":
        this.#here();
        break;
      case "events":
        message.events.forEach(listener);
        break;
      case "data": {
        const item = data(message.iden1, message.iden2);
        this.#answer(
          message.number,
          item.then(({ version, content }) => ({ version, content })),
        );
        break;
      }
      case "admit": {
        const turn = admit(message.server, signal);
        this.#answer(
          message.number,
          turn.then((leave) => this.#enter(message.number, leave)),
        );
        break;
      }
      case "leave":
        this.#leave(message.number);
        break;
      case "done":
        this.#ending.resolve(message.report);
        break;
      case "threw":
        this.#ending.reject(message.error);
        break;
    }
  }

  #enter(number: number, leave: () => void): void {
    this.#inside.set(number, leave);
    if (this.#isOver) this.#leave(number);
  }

  #answer(number: number, value: Promise<unknown>): void {
    value.then(
      (given) => this.#say({ type: "answer", number, value: given }),
      (error: unknown) => this.#say({ type: "failed", number, error }),
    );
  }

  #leave(number: number): void {
    this.#inside.get(number)?.();
    this.#inside.delete(number);
  }

  #end(): void {
    this.#isOver = true;
    this.#stopListening();
    for (const number of [...this.#inside.keys()]) this.#leave(number);
    this.#port.close();
  }

  #say(message: ToThread): void {
    this.#port.postMessage(this.#codec.pack(message));
  }
}
