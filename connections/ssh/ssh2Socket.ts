import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type Deadline, defined, onAbort } from "../../core/index.js";
import { refusedForward, tooLate, unreachable } from "./failures.js";
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
    const stopListening = onAbort(deadline.signal, () => {
      socket.destroy();
      reject(tooLate(deadline, stop, "no answer"));
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reject(unreachable(stop, error.code ?? "unknown", explainErrno(error)));
    });
    socket.once("connect", () => {
      stopListening();
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
    const stopListening = onAbort(deadline.signal, () =>
      reject(tooLate(deadline, stop, "no answer")),
    );
    link.lost.then(reject);
    const { hostname, port } = stop.config;
    link.client.forwardOut("127.0.0.1", 0, hostname, port, (error, channel) => {
      stopListening();
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
