import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { defined } from "../../core/index.js";
import { refusedForward, unreachable } from "./failures.js";
import { cancelled, type Deadline } from "./options.js";
import type { Stop } from "./route.js";
import type { Ssh2Link } from "./ssh2Client.js";

/** A TCP connection to a stop.
 *
 * @throws HostUnreachable, Cancelled.
 */
export function connectSocket(stop: Stop, deadline: Deadline): Promise<Duplex> {
  const { hostname, port, addressFamily, bindAddress } = stop.config;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port,
      noDelay: true,
      keepAlive: true,
      ...defined({ family: addressFamily, localAddress: bindAddress }),
    });
    const onAbort = () => {
      socket.destroy();
      const within = `no answer within ${deadline.milliseconds / 1000} s`;
      reject(
        deadline.timedOut() ? unreachable(stop, "ETIMEDOUT", within) : cancelled(stop.config.host),
      );
    };
    if (deadline.signal.aborted) return onAbort();
    deadline.signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reject(unreachable(stop, error.code ?? "unknown", explainErrno(error)));
    });
    socket.once("connect", () => {
      deadline.signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}

function explainErrno(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    EHOSTUNREACH: "no route to the host",
    ENETUNREACH: "no route to its network",
    ETIMEDOUT: "no answer",
    ENOTFOUND: "the name does not resolve",
    EAI_AGAIN: "the name server does not answer",
  };
  return known[error.code ?? ""] ?? error.message;
}

/**
 * A channel through a jump host to the next stop.
 *
 * @throws HostUnreachable, ConnectionFailed, Cancelled.
 */
export function forward(link: Ssh2Link, stop: Stop, deadline: Deadline): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const within = `no answer within ${deadline.milliseconds / 1000} s`;
    const onAbort = () =>
      reject(
        deadline.timedOut() ? unreachable(stop, "ETIMEDOUT", within) : cancelled(stop.config.host),
      );
    deadline.signal.addEventListener("abort", onAbort, { once: true });
    link.lost.then(reject);
    const { hostname, port } = stop.config;
    link.client.forwardOut("127.0.0.1", 0, hostname, port, (error, channel) => {
      deadline.signal.removeEventListener("abort", onAbort);
      if (!error) resolve(channel);
      else {
        const { reason, message } = error as Error & { reason?: unknown };
        const prohibited = reason === 1; // SSH_OPEN_ADMINISTRATIVELY_PROHIBITED
        reject(refusedForward(stop, prohibited, forwardErrno(message), message));
      }
    });
  });
}

function forwardErrno(message: string): string {
  if (/refused/i.test(message)) return "ECONNREFUSED";
  return /not known|resolve/i.test(message) ? "ENOTFOUND" : "EHOSTUNREACH";
}
