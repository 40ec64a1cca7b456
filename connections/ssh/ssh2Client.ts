import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { type Deadline, onAbort, withResolvers } from "../../core/index.js";
import { ConnectionFailed, type ConsfigError, printable } from "../../engine/index.js";
import { negotiable } from "./algorithms.js";
import { authenticationFailed, factsOf, lost, placeOf, tooLate } from "./failures.js";
import { type HostKeyVerifier, hostKeyVerifier } from "./hostKeyVerifier.js";
import type { SshContext } from "./options.js";
import type { Stop } from "./route.js";
import type { Attempt, Ssh2 } from "./ssh2Login.js";
import { Offers } from "./ssh2Offers.js";

/** A client that is logged in, and the socket or channel that carries it. */
export interface Ssh2Link {
  readonly client: Client;
  readonly socket: Duplex;
  /** Settles when contact is lost or closed, with what is known about why. */
  readonly lost: Promise<ConnectionFailed>;
  /** Called at that moment, before the channels of the connection are told that they are closed. */
  onLost: (error: ConnectionFailed) => void;
}

/** More banner than a person reads is not shown. */
const maxBanner = 16 * 1024;

/** An error as ssh2 throws it; `level` says what it was about. */
type ClientError = Error & { readonly level?: string };

/**
 * A connection over `socket` that is verified and logged in.
 *
 * No client is made without a verifier, and the verifier knows only known_hosts.
 *
 * @throws HostKeyRefused, AuthenticationFailed, HostUnreachable, ConnectionFailed, Cancelled.
 */
export async function logIn(
  ssh2: Ssh2,
  stop: Stop,
  ways: readonly Attempt[],
  socket: Duplex,
  context: SshContext,
  deadline: Deadline,
): Promise<Ssh2Link> {
  const login = new Login(
    new ssh2.Client(),
    socket,
    stop,
    context,
    new Offers(ways, stop, context),
  );
  const stopListening = onAbort(deadline.signal, () => login.giveUp(deadline));
  if (!deadline.signal.aborted) login.begin();
  try {
    return await login.done;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    stopListening();
  }
}

/** A client from its first bytes to its end, and what of it concerns logging in. */
class Login {
  readonly #link: Ssh2Link;
  readonly #stop: Stop;
  readonly #context: SshContext;
  readonly #offers: Offers;
  readonly #verifier: HostKeyVerifier;
  readonly #ready = withResolvers<Ssh2Link>();
  readonly #lost = withResolvers<ConnectionFailed>();
  #phase: "handshake" | "login" | "ready" = "handshake";
  /** Why the connection has ended: what was known first. */
  #reason: ConnectionFailed | undefined;
  #bannerLeft = maxBanner;

  constructor(client: Client, socket: Duplex, stop: Stop, context: SshContext, offers: Offers) {
    this.#link = { client, socket, lost: this.#lost.promise, onLost: () => {} };
    this.#stop = stop;
    this.#context = context;
    this.#offers = offers;
    this.#verifier = hostKeyVerifier(stop, context);
  }

  /** Settles when it is logged in, or cannot be. */
  get done(): Promise<Ssh2Link> {
    return this.#ready.promise;
  }

  begin(): void {
    const { client, socket } = this.#link;
    client.on("error", (error: ClientError) => this.#onError(error));
    client.on("end", () => this.#onClose());
    client.on("close", () => this.#onClose());
    client.on("handshake", () => this.#onHandshake());
    client.on("banner", (text) => this.#show(text));
    client.on("greeting", (text) => this.#show(text));
    client.on("ready", () => {
      this.#phase = "ready";
      this.#ready.resolve(this.#link);
    });
    // ssh2 waits for ever on a socket whose end it has not seen.
    if (socket.destroyed) this.#onClose();
    else this.#connect();
  }

  /** Nobody waits for it any longer. */
  giveUp(deadline: Deadline): void {
    this.#fail(tooLate(deadline, this.#stop, `no ${this.#phase}`));
  }

  #connect(): void {
    const { config, knownHosts, names } = this.#stop;
    const { client, socket } = this.#link;
    try {
      client.connect({
        sock: socket as never, // typed as Readable only; ssh2 wants a duplex
        username: config.user,
        hostVerifier: this.#verifier.verify,
        // Typed as answering through a callback only.
        authHandler: ((methods: readonly string[] | null) => this.#offers.next(methods)) as never,
        algorithms: negotiable(config.algorithms, knownHosts.keyTypes(names)) as never,
        readyTimeout: 0, // the deadline covers all stops together
        keepaliveInterval: config.serverAliveIntervalMs,
        keepaliveCountMax: config.serverAliveCountMax,
      });
    } catch (error) {
      // An algorithm that the table has and this build of ssh2 has not.
      this.#fail(failedHandshake(this.#stop, (error as Error).message));
    }
  }

  #onHandshake(): void {
    if (this.#phase !== "handshake") return;
    this.#phase = "login";
    try {
      this.#verifier.record();
    } catch (error) {
      this.#reason = error as ConnectionFailed; // the one thing record() throws
      this.#fail(this.#reason);
    }
  }

  #show(text: string): void {
    const shown = text.slice(0, this.#bannerLeft);
    this.#bannerLeft -= shown.length;
    for (const line of shown.split(/\r?\n/)) {
      if (line !== "") this.#context.report?.(2, `${this.#host} says: ${printable(line)}`);
    }
  }

  #onError(error: ClientError): void {
    // A key that cannot sign is followed by the next one.
    const exhausted = error.message.startsWith("All configured authentication methods");
    if (error.level === "agent" || (error.level === "client-authentication" && !exhausted)) {
      this.#context.report?.(1, `${this.#host}: ${printable(error.message)}`);
      return;
    }
    this.#reason ??= this.#explain(error);
    this.#fail(this.#reason);
  }

  #onClose(): void {
    this.#reason ??= this.#explain(new Error("the host closed the connection"));
    this.#fail(this.#reason);
  }

  #explain({ message: detail, level }: ClientError): ConnectionFailed {
    if (this.#verifier.refusal) return this.#verifier.refusal;
    if (this.#phase === "ready") return lost(this.#stop, detail);
    if (level === "client-authentication" || /authentication failures/i.test(detail)) {
      const { offered, accepted } = this.#offers;
      return authenticationFailed(this.#stop, { offered, accepted, detail });
    }
    return failedHandshake(this.#stop, detail);
  }

  #fail(error: ConsfigError): void {
    this.#ready.reject(error);
    if (this.#phase === "ready") {
      const why = this.#reason ?? lost(this.#stop, "it was closed");
      this.#link.onLost(why);
      this.#lost.resolve(why);
    }
    this.#link.socket.destroy();
  }

  get #host(): string {
    return this.#stop.config.host;
  }
}

function failedHandshake(stop: Stop, detail: string): ConnectionFailed {
  const unmatched = /no matching/.test(detail);
  return new ConnectionFailed(`${placeOf(stop)}: ${printable(detail).slice(0, 1000)}`, {
    ...factsOf(stop),
    hint: unmatched
      ? 'give the host transport: "system", since the ssh program may know more algorithms'
      : "check that an SSH server listens on that port, and its log",
  });
}
