import type { Duplex } from "node:stream";
import type { AnyAuthMethod, Client } from "ssh2";
import { ConnectionFailed, type ConsfigError, printable } from "../../engine/index.js";
import { negotiable } from "./algorithms.js";
import { authenticationFailed, factsOf, lost, placeOf, unreachable } from "./failures.js";
import { hostKeyVerifier } from "./hostKeyVerifier.js";
import { cancelled, type Deadline, type SshContext } from "./options.js";
import type { Stop } from "./route.js";
import type { Attempt, Ssh2 } from "./ssh2Login.js";

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
  const { config } = stop;
  const left = [...ways];
  const offered: string[] = [];
  let accepted: readonly string[] = [];
  const nextWay = (methods: readonly string[] | null): AnyAuthMethod | false => {
    if (methods === null) return { type: "none", username: config.user };
    accepted = methods;
    const way = methods.includes("publickey") ? left.shift() : undefined;
    if (!way) return false;
    offered.push(way.what);
    context.report?.(3, `${config.host}: offering ${way.what}`);
    return way.method;
  };

  const verifier = hostKeyVerifier(stop, context);
  const client = new ssh2.Client();
  let phase: "handshake" | "login" | "ready" = "handshake";
  let reason: ConnectionFailed | undefined;
  let settleLost: (error: ConnectionFailed) => void = () => {};
  const whenLost = new Promise<ConnectionFailed>((resolve) => {
    settleLost = resolve;
  });
  const link: Ssh2Link = { client, socket, lost: whenLost, onLost: () => {} };

  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: ConsfigError) => {
        reject(error);
        if (phase === "ready") {
          const why = reason ?? lost(stop, "it was closed");
          link.onLost(why);
          settleLost(why);
        }
        socket.destroy();
      };
      const explain = (error: Error & { level?: string; code?: unknown }): ConnectionFailed => {
        const detail = error.message;
        if (verifier.refusal) return verifier.refusal;
        if (phase === "ready") return lost(stop, detail);
        if (error.level === "client-authentication" || /authentication failures/i.test(detail)) {
          return authenticationFailed(stop, { offered, accepted, detail });
        }
        return failedHandshake(stop, detail);
      };
      client.on("error", (error: Error & { level?: string }) => {
        // A key that cannot sign is followed by the next one.
        const exhausted = error.message.startsWith("All configured authentication methods");
        if (error.level === "agent" || (error.level === "client-authentication" && !exhausted)) {
          context.report?.(1, `${config.host}: ${printable(error.message)}`);
          return;
        }
        reason ??= explain(error);
        fail(reason);
      });
      const onClose = () => {
        reason ??= explain(new Error("the host closed the connection"));
        fail(reason);
      };
      client.on("end", onClose);
      client.on("close", onClose);
      client.on("handshake", () => {
        if (phase !== "handshake") return;
        phase = "login";
        try {
          verifier.record();
        } catch (error) {
          reason = error as ConnectionFailed; // the one thing record() throws
          fail(reason);
        }
      });
      let bannerLeft = maxBanner;
      const onBanner = (text: string) => {
        const shown = text.slice(0, bannerLeft);
        bannerLeft -= shown.length;
        for (const line of shown.split(/\r?\n/)) {
          if (line !== "") context.report?.(2, `${config.host} says: ${printable(line)}`);
        }
      };
      client.on("banner", onBanner);
      client.on("greeting", onBanner);
      client.on("ready", () => {
        phase = "ready";
        resolve();
      });
      deadline.signal.addEventListener(
        "abort",
        () => {
          if (phase === "ready") return;
          const within = `no ${phase} within ${deadline.milliseconds / 1000} s`;
          fail(
            deadline.timedOut() ? unreachable(stop, "ETIMEDOUT", within) : cancelled(config.host),
          );
        },
        { once: true },
      );
      if (deadline.signal.aborted) return fail(cancelled(config.host));
      // ssh2 waits for ever on a socket whose end it has not seen.
      if (socket.destroyed) return onClose();
      try {
        client.connect({
          sock: socket as never, // typed as Readable only; ssh2 wants a duplex
          username: config.user,
          hostVerifier: verifier.verify,
          authHandler: nextWay as never, // typed as answering through a callback only
          algorithms: negotiable(config.algorithms, stop.knownHosts.keyTypes(stop.names)) as never,
          readyTimeout: 0, // the deadline covers all stops together
          keepaliveInterval: config.serverAliveIntervalMs,
          keepaliveCountMax: config.serverAliveCountMax,
        });
      } catch (error) {
        // An algorithm that the table has and this build of ssh2 has not.
        fail(failedHandshake(stop, (error as Error).message));
      }
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return link;
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
