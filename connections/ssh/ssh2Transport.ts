import type { ClientChannel } from "ssh2";
import { Deadline, onAbort } from "../../core/index.js";
import {
  type ByteStream,
  type Cancelled,
  ConnectionFailed,
  SessionGarbled,
  type Transport,
} from "../../engine/index.js";
import { factsOf, lost, placeOf } from "./failures.js";
import { loginSlot } from "./loginSlot.js";
import { cancelled, type SshContext } from "./options.js";
import type { Route, Stop } from "./route.js";
import { sessionRefused, startSession } from "./sessions.js";
import { logIn, type Ssh2Link } from "./ssh2Client.js";
import { attempts, type Ssh2 } from "./ssh2Login.js";
import { connectSocket, forward } from "./ssh2Socket.js";
import { type Ssh2Stream, ssh2Stream } from "./ssh2Stream.js";

/**
 * A connection made by ssh2 inside this process, through the route's jump hosts.
 *
 * @throws HostUnreachable, HostKeyRefused, AuthenticationFailed, ConnectionFailed, Cancelled.
 */
export async function connectBySsh2(
  route: Route,
  timeoutMs: number,
  context: SshContext,
): Promise<Transport> {
  const ssh2 = (await import("ssh2")).default as Ssh2;
  const links: Ssh2Link[] = [];
  // The time limit begins after the wait for a login slot.
  let freeSlot = await loginSlot(route.jumps[0] ?? route.target, context);
  const deadline = new Deadline({ timeoutMs, signal: context.signal });
  try {
    for (const stop of [...route.jumps, route.target]) {
      const before = links.at(-1);
      if (before) freeSlot = await loginSlot(stop, context);
      const ways = await attempts(ssh2, stop);
      const socket = before
        ? await forward(before, stop, deadline)
        : await connectSocket(stop, deadline);
      const link = await logIn(ssh2, stop, ways, socket, context, deadline);
      links.push(link);
      freeSlot();
      // A jump host that is gone takes with it all that went through it.
      void before?.lost.then(() => leave(link));
    }
  } catch (error) {
    links.forEach(leave);
    throw error;
  } finally {
    freeSlot();
    deadline.end();
  }
  return new Ssh2Transport(route.target, links, timeoutMs);
}

/** Lets go of a connection without taking leave. */
function leave({ socket }: Ssh2Link): void {
  try {
    socket.destroy();
  } catch {
    // A channel of a connection that is gone itself.
  }
}

class Ssh2Transport implements Transport {
  readonly description: string;
  readonly #stop: Stop;
  readonly #links: readonly Ssh2Link[];
  readonly #last: Ssh2Link;
  readonly #timeoutMs: number;
  readonly #streams = new Set<Ssh2Stream>();
  /** Told when contact is lost while a program is being started. */
  readonly #starting = new Set<(error: ConnectionFailed) => void>();
  #lastEnd = Number.NEGATIVE_INFINITY;
  #over: ConnectionFailed | undefined;

  constructor(stop: Stop, links: readonly Ssh2Link[], timeoutMs: number) {
    this.#stop = stop;
    this.#links = links;
    this.#last = links.at(-1) as Ssh2Link; // there is at least the host itself
    this.#timeoutMs = timeoutMs;
    this.description = `ssh ${stop.config.user}@${stop.config.host} (ssh2)`;
    this.#last.onLost = (error) => this.#lose(error);
  }

  open(command: string, signal?: AbortSignal): Promise<ByteStream> {
    return startSession(
      () => this.#lastEnd,
      () => this.#open(command, signal),
    );
  }

  #open(command: string, signal: AbortSignal | undefined): Promise<ByteStream> {
    const { host } = this.#stop.config;
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      if (signal?.aborted) return reject(cancelled(host));
      let given = false;
      const give = (error: ConnectionFailed | Cancelled) => {
        given = true;
        done();
        reject(error);
      };
      const done = () => {
        clearTimeout(timer);
        stopListening();
        this.#starting.delete(give);
      };
      const timer = setTimeout(
        () =>
          give(
            new ConnectionFailed(
              `${placeOf(this.#stop)} does not start a program`,
              factsOf(this.#stop),
            ),
          ),
        this.#timeoutMs,
      );
      const stopListening = onAbort(signal, () => give(cancelled(host)));
      this.#starting.add(give);
      try {
        this.#last.client.exec(command, (error, channel) => {
          // The channel comes too late: nobody waits for it any more.
          if (given) return this.#drop(channel);
          done();
          if (error)
            return reject(
              this.#over ?? sessionRefused(this.#stop, this.#streams.size, error.message),
            );
          resolve(this.#stream(channel, signal));
        });
      } catch (error) {
        give(this.#over ?? lost(this.#stop, (error as Error).message));
      }
    });
  }

  async close(): Promise<void> {
    const closed = new ConnectionFailed(`${this.description} is closed`, factsOf(this.#stop));
    const first = !this.#over;
    this.#over ??= closed;
    for (const give of this.#starting) give(closed);
    for (const stream of this.#streams) stream.destroy();
    // A server that does not take leave within a second is left; with the first one all after it.
    const timer = setTimeout(() => this.#links.forEach(leave), 1000);
    for (const { client, lost } of [...this.#links].reverse()) {
      if (first) client.end();
      await lost;
    }
    clearTimeout(timer);
    this.#links.forEach(leave);
  }

  #stream(channel: ClientChannel, signal: AbortSignal | undefined): ByteStream {
    const stream = ssh2Stream(channel, this.#last.socket, () => {
      this.#lose(
        new SessionGarbled(`${placeOf(this.#stop)} ignores flow control`, factsOf(this.#stop)),
      );
    });
    this.#streams.add(stream);
    const stopListening = onAbort(signal, () => stream.destroy());
    void stream.ended.then(() => {
      this.#lastEnd = performance.now();
      stopListening();
      this.#streams.delete(stream);
    });
    if (this.#over) stream.lose(this.#over);
    return stream;
  }

  #drop(channel: ClientChannel | undefined): void {
    if (channel) ssh2Stream(channel, this.#last.socket, () => {}).destroy();
  }

  #lose(error: ConnectionFailed): void {
    this.#over ??= error;
    for (const give of this.#starting) give(error);
    for (const stream of this.#streams) stream.lose(error);
    this.#links.forEach(leave);
  }
}
