import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Semaphore } from "../core/index.js";
import { setZygote } from "./current.js";
import { servingEnvironment } from "./environment.js";
import { GrandchildRefused, ZygoteDied } from "./errors.js";
import { FrameReader } from "./frames.js";
import { privateFlags } from "./private.js";
import { readyMessage } from "./protocol.js";
import type { End, GrandchildHandle, Zygote } from "./zygote.js";

/** How a pool is made. */
export interface PoolOptions {
  /** The modules that define the forms, as URLs: each process loads them. */
  readonly modules: readonly string[];
  /** How many processes are loaded and wait. 1 unless said otherwise. */
  readonly size?: number;
  /** How many there may be at once; further requests wait. Two for each CPU unless said otherwise. */
  readonly concurrency?: number;
  /** Options of Node itself for these processes. */
  readonly execArgv?: readonly string[];
}

const program = fileURLToPath(new URL("./pristine.js", import.meta.url));

/**
 * Makes a pool of processes that are started anew, and makes it what `evalInGrandchild` asks: for
 * systems where a process cannot be forked. Each takes tens of milliseconds and its own memory.
 */
export async function startPool(options: PoolOptions): Promise<Zygote> {
  const pool = new Pool(options);
  await pool.fill();
  setZygote(pool);
  return pool;
}

/** Pristine processes that were started ahead. */
export class Pool implements Zygote {
  readonly kind = "execed";
  readonly pid = undefined;
  readonly staleRandomness = false;
  readonly semaphore: Semaphore;
  readonly #options: PoolOptions;
  readonly #ready: Promise<ExecedProcess>[] = [];
  readonly #alive = new Set<ExecedProcess>();
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.semaphore = new Semaphore(options.concurrency ?? 2 * availableParallelism());
  }

  /** Starts what is missing, and waits until one is loaded. */
  async fill(): Promise<void> {
    while (!this.#isClosed && this.#ready.length < (this.#options.size ?? 1)) {
      const process = this.#start();
      process.catch(() => {}); // a failure is told to whoever is given the process
      this.#ready.push(process);
    }
    await this.#ready[0];
  }

  async spawn(messages: Buffer): Promise<GrandchildHandle> {
    if (this.#isClosed) throw new ZygoteDied("the pool was closed");
    const pristine = await (this.#ready.shift() ?? this.#start());
    this.fill().catch(() => {});
    return pristine.begin(messages);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#alive];
    for (const one of all) one.end();
    await Promise.all(all.map((one) => one.ended));
  }

  async #start(): Promise<ExecedProcess> {
    const pristine = new ExecedProcess(this.#options);
    this.#alive.add(pristine);
    void pristine.ended.then(() => this.#alive.delete(pristine));
    await pristine.loaded;
    return pristine;
  }
}

class ExecedProcess {
  readonly ended: Promise<End>;
  /** Settles when the process has loaded its modules; rejects when it ends before that. */
  readonly loaded: Promise<void>;
  readonly #child: ChildProcess;
  readonly #conversation: Duplex;
  readonly #stdout: Readable;
  readonly #stderr: Readable;

  constructor({ modules, execArgv = [] }: PoolOptions) {
    const words = [...privateFlags, ...execArgv, program, String(process.pid), ...modules];
    this.#child = spawn(process.execPath, words, {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A group of its own, so that what it starts is ended with it.
      detached: true,
      env: servingEnvironment(),
    });
    const [, stdout, stderr, conversation] = this.#child.stdio;
    this.#stdout = stdout as Readable;
    this.#stderr = stderr as Readable;
    this.#conversation = conversation as Duplex;
    this.#conversation.on("error", () => {}); // that it ended is told below
    this.ended = new Promise((resolve) => {
      this.#child.once("error", () => resolve({ exitCode: null, signal: null }));
      this.#child.once("exit", (exitCode, signal) => {
        this.kill("SIGKILL"); // what is left of its group
        resolve({ exitCode, signal });
      });
    });
    this.loaded = this.#untilLoaded();
  }

  begin(messages: Buffer): GrandchildHandle {
    this.#holdProgram(true);
    this.#conversation.write(messages);
    return {
      pid: this.#child.pid as number,
      conversation: this.#conversation,
      stdout: this.#stdout,
      stderr: this.#stderr,
      ended: this.ended,
      kill: (signal) => this.kill(signal),
    };
  }

  end(): void {
    this.#holdProgram(true);
    this.kill("SIGKILL");
  }

  kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in it.
    }
  }

  async #untilLoaded(): Promise<void> {
    const reader = new FrameReader();
    // 'data' is not listened to, so that whoever follows this process later finds the streams untouched.
    const first = once(this.#conversation, "readable").then(() => {
      const bytes = this.#conversation.read() as Buffer | null;
      readyMessage.parse(bytes && reader.push(bytes)[0]);
    });
    // The output is read from 'exit' on, since Node then empties streams that nobody listens to.
    let hearing: Promise<Buffer[]> | undefined;
    const hear = () => {
      hearing = this.#stderr.toArray();
    };
    this.#child.once("exit", hear);
    const early = this.ended.then(async ({ exitCode, signal }) => {
      const printed = ((await hearing) ?? []).join("");
      throw new GrandchildRefused(
        `a process ended before it was ready (${signal ?? `exit code ${exitCode}`})`,
        {
          ...(signal ? { signal } : { exitCode }),
          output: printed,
          hint: "check that its modules load by themselves",
        },
      );
    });
    // Of a process that has ended `first` fails as well, and `early` knows why.
    await Promise.race([first.catch(() => early), early]);
    this.#child.removeListener("exit", hear);
    this.#holdProgram(false);
  }

  /** Says whether this program stays alive because of that process. */
  #holdProgram(holds: boolean): void {
    const method = holds ? "ref" : "unref";
    this.#child[method]();
    for (const stream of [this.#stdout, this.#stderr, this.#conversation]) {
      (stream as Readable & { ref(): void; unref(): void })[method]();
    }
  }
}
