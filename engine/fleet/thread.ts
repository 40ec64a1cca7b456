/** A thread of the pool: loads the consfig's modules, and then carries out tasks, many at once. */
import { type MessagePort, threadId } from "node:worker_threads";
import { workerData } from "piscina";
import { sealDefinitions, trustModules } from "../../core/definitions/index.js";
import { onAbort } from "../../core/index.js";
import { dataItem } from "../model/index.js";
import { setModules } from "../modules/index.js";
import { type DeploymentEvent, hideAllIn } from "../report/index.js";
import { askForModules } from "./imageModules.js";
import type { Assignment, FromThread, ToThread } from "./messages.js";
import { refuseToExit } from "./refuseToExit.js";
import { type Attendant, deployHere, type HostTask } from "./task.js";
import { ThreadCodec } from "./threadCodec.js";

/** What a thread is started with. */
export interface ThreadData {
  /** URLs of what it loads. */
  readonly modules: readonly string[];
  /** The name of the channel on which it asks what Node images are made of. */
  readonly channel: string;
}

const { modules, channel } = workerData as ThreadData; // given by the pool
const ready = load();
ready.catch(() => {}); // told to each who waits for it

async function load(): Promise<void> {
  trustModules();
  for (const url of modules) await import(url);
  setModules(() => askForModules(channel));
  sealDefinitions("the consfig has been loaded");
}

refuseToExit();

const underWay = new Set<Root>();

process.on("uncaughtException", (error) => {
  // The error belongs to no task in particular: any task that is under way passes it on.
  const [root] = underWay;
  if (!root) throw error;
  root.say({ type: "stray", error: hideAllIn(error) });
});

/** The task is carried out; what comes of it is said on its port. */
export default async function carryOut({ task, port }: Assignment<HostTask>): Promise<void> {
  const root = new Root(port);
  underWay.add(root);
  root.say({ type: "begun", thread: threadId });
  try {
    await ready;
    root.say({ type: "done", report: await deployHere(task, root.attendant) });
  } catch (error) {
    root.say({ type: "threw", error });
  } finally {
    underWay.delete(root);
    root.close();
  }
}

/** The root process, as one task sees it. */
class Root {
  readonly attendant: Attendant;
  readonly #port: MessagePort;
  readonly #codec = new ThreadCodec();
  readonly #asked = new Map<number, { give(value: unknown): void; fail(error: unknown): void }>();
  #count = 0;
  #events: DeploymentEvent[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    const cancelled = new AbortController();
    port.on("message", (packed) => {
      const message = this.#codec.unpack<ToThread>(packed);
      if (message.type === "cancel") cancelled.abort();
      else if (message.type === "areYouThere") this.say({ type: "here" });
      else if (message.type === "answer") this.#asked.get(message.number)?.give(message.value);
      else this.#asked.get(message.number)?.fail(message.error);
    });
    this.attendant = {
      signal: cancelled.signal,
      listener: (event) => this.#tell(event),
      data: async (iden1, iden2) => {
        const { answer } = this.#ask({ type: "data", iden1, iden2 });
        const { version, content } = (await answer) as { version: string; content: Uint8Array };
        return dataItem(iden1, iden2, version, content);
      },
      admit: async (server, signal) => {
        const { number, answer } = this.#ask({ type: "admit", server });
        // Cancelled while it waits for its turn: the root process gives that up when the task has ended.
        await Promise.race([answer, aborted(signal)]);
        return () => this.say({ type: "leave", number });
      },
    };
  }

  /** Sends the message, after all events that were told before. */
  say(message: FromThread): void {
    this.#flush();
    this.#post(message);
  }

  close(): void {
    this.#port.close();
  }

  /** Events of one turn are sent as one message: each message costs the root process a turn. */
  #tell(event: DeploymentEvent): void {
    if (this.#events.length === 0) setImmediate(() => this.#flush());
    this.#events.push(event);
  }

  #flush(): void {
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#post({ type: "events", events });
  }

  #post(message: FromThread): void {
    this.#port.postMessage(this.#codec.pack(message));
  }

  #ask(
    question: { type: "data"; iden1: string; iden2: string } | { type: "admit"; server: string },
  ): { number: number; answer: Promise<unknown> } {
    const number = ++this.#count;
    const answer = new Promise<unknown>((give, fail) => {
      this.#asked.set(number, { give, fail });
    });
    this.say({ ...question, number });
    return { number, answer: answer.finally(() => this.#asked.delete(number)) };
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    onAbort(signal, resolve);
  });
}
