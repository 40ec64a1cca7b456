import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Deadline, onAbort } from "../../core/index.js";
import { type ByteStream, ConnectionFailed, type Transport } from "../../engine/index.js";
import { prepareForHostKey } from "./addHostKey.js";
import { factsOf, tooLate } from "./failures.js";
import { loginSlot } from "./loginSlot.js";
import { cancelled, type SshContext } from "./options.js";
import { findProgram, runProgram } from "./program.js";
import type { Route, Stop } from "./route.js";
import { startSession } from "./sessions.js";
import { Guard, makeFolder } from "./systemGuard.js";
import { Master } from "./systemMaster.js";
import { type SystemStream, systemStream } from "./systemStream.js";
import { type ConnectionFolder, sessionWords } from "./systemWords.js";

/**
 * A connection made by the system's `ssh`. One process holds it and shares it with one small
 * process a program; all of them end with this process, however that ends.
 *
 * Needs `ssh` 7.6 or newer and `sh`.
 *
 * @throws HostUnreachable, HostKeyRefused, AuthenticationFailed, ConnectionFailed, Cancelled.
 */
export async function connectBySystem(
  route: Route,
  timeoutMs: number,
  context: SshContext,
): Promise<Transport> {
  // The first server is the one that many hosts may be behind.
  const freeSlot = await loginSlot(route.jumps[0] ?? route.target, context);
  try {
    return await connected(route, timeoutMs, context);
  } finally {
    freeSlot();
  }
}

async function connected(
  route: Route,
  timeoutMs: number,
  context: SshContext,
): Promise<SystemTransport> {
  const ssh = findProgram("ssh") ?? "ssh";
  const { target } = route;
  for (const stop of [...route.jumps, target]) {
    // ssh would append to a last line without an end, and make a new file readable for all.
    const isKnown = stop.knownHosts.keyTypes(stop.names).size > 0;
    if (stop.options.acceptNewHostKey && !isKnown) prepareForHostKey(stop);
  }
  const folder = makeFolder();
  const guard = new Guard(ssh, folder);
  const deadline = new Deadline({ timeoutMs, signal: context.signal });
  let master: Master | undefined;
  try {
    master = new Master(ssh, route, folder, timeoutMs, context);
    // ssh makes its control socket when it has logged in.
    for (let pause = 5; !existsSync(folder.socket); pause = Math.min(50, pause * 1.2)) {
      if (master.over) throw master.explainFailure();
      if (deadline.signal.aborted) throw tooLate(deadline, target, "no login");
      await sleep(pause);
    }
    master.checkRemarks();
    return new SystemTransport(ssh, target, folder, master, guard);
  } catch (error) {
    await master?.end();
    await guard.dismiss();
    throw error;
  } finally {
    deadline.end();
  }
}

class SystemTransport implements Transport {
  readonly description: string;
  readonly #ssh: string;
  readonly #stop: Stop;
  readonly #folder: ConnectionFolder;
  readonly #master: Master;
  readonly #streams = new Set<SystemStream>();
  readonly #finished: Promise<void>;
  #count = 0;
  #lastEnd = Number.NEGATIVE_INFINITY;
  #over: ConnectionFailed | undefined;

  constructor(ssh: string, stop: Stop, folder: ConnectionFolder, master: Master, guard: Guard) {
    this.#ssh = ssh;
    this.#stop = stop;
    this.#folder = folder;
    this.#master = master;
    this.description = `ssh ${stop.config.user}@${stop.config.host} (system ssh)`;
    this.#finished = master.gone.then(async () => {
      this.#over ??= master.explainLoss();
      for (const stream of this.#streams) stream.lose(this.#over);
      await guard.dismiss();
    });
  }

  open(command: string, signal?: AbortSignal): Promise<ByteStream> {
    return startSession(
      () => this.#lastEnd,
      () => this.#open(command, signal),
    );
  }

  async #open(command: string, signal: AbortSignal | undefined): Promise<ByteStream> {
    if (this.#over) throw this.#over;
    if (signal?.aborted) throw cancelled(this.#stop.config.host);
    const log = join(this.#folder.path, `program${++this.#count}.log`);
    const stream = systemStream(this.#ssh, sessionWords(this.#folder, log, command), {
      stop: this.#stop,
      log,
      over: () => this.#over,
      isAlive: () => this.#isAlive(),
      running: this.#streams.size,
    });
    this.#streams.add(stream);
    void stream.gone.then(() => this.#streams.delete(stream));
    try {
      await stream.opened(signal);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    const stopListening = onAbort(signal, () => stream.destroy());
    void stream.ended.then(() => {
      this.#lastEnd = performance.now();
      stopListening();
    });
    return stream;
  }

  async #isAlive(): Promise<boolean> {
    const words = ["-F", "none", "-S", this.#folder.socket, "-O", "check", "shared"];
    const { exitCode } = await runProgram(this.#ssh, words, { timeoutMs: 2000 });
    return exitCode === 0;
  }

  async close(): Promise<void> {
    this.#over ??= new ConnectionFailed(`${this.description} is closed`, factsOf(this.#stop));
    const { gone } = this.#master;
    const streams = [...this.#streams];
    for (const stream of streams) stream.destroy();
    await this.#master.end();
    await Promise.all([gone, this.#finished, ...streams.map((stream) => stream.gone)]);
  }
}
