import { setTimeout as sleep } from "node:timers/promises";
import { HostUnreachable, type Transport } from "../../engine/index.js";
import { choose } from "./choose.js";
import { checkOptions, type SshContext, type SshOptions, throwIfAborted } from "./options.js";
import { planRoute } from "./route.js";
import { connectBySsh2 } from "./ssh2Transport.js";
import { connectBySystem } from "./systemTransport.js";

export type { SshContext, SshOptions } from "./options.js";

const defaultTimeoutMs = 30_000;

/**
 * Connects to the host, verifies its key and logs in.
 *
 * ssh_config, known_hosts, the agent and ProxyJump are honoured. The connection is made by ssh2
 * inside this process, or by the system's `ssh` where the configuration asks for what ssh2 lacks;
 * which and why is reported. A refused connection is tried once more a second later, since a server
 * that was reloaded is away for a moment; the second try has as much time as the first. Nobody is asked
 * for a password or passphrase, no agent and no port is forwarded, and an unknown or changed host key is
 * always refused, whatever ssh_config says.
 *
 * Each program started over the connection is a session there; sshd allows 10 at a time unless its
 * MaxSessions says otherwise, and one more is refused with ConnectionFailed.
 *
 * @throws InvalidArgument, HostUnreachable, HostKeyRefused, AuthenticationFailed, ConnectionFailed,
 * Cancelled.
 */
export async function openSsh(options: SshOptions, context: SshContext = {}): Promise<Transport> {
  checkOptions(options);
  throwIfAborted(context.signal, options.host);
  const route = await planRoute(options, context);
  throwIfAborted(context.signal, options.host);
  const { transport, reason } = choose(route);
  const name = transport === "ssh2" ? "ssh2" : "the ssh program";
  context.report?.(1, `${options.host}: connecting with ${name}: ${reason}`);
  const { connectTimeoutMs } = route.target.config;
  const timeoutMs = options.connectTimeoutMs ?? connectTimeoutMs ?? defaultTimeoutMs;
  const connect = transport === "ssh2" ? connectBySsh2 : connectBySystem;
  try {
    return await connect(route, timeoutMs, context);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const seconds = refusedPauseMs / 1000;
    context.report?.(
      1,
      `${options.host}: refused the connection; trying once more in ${seconds} s`,
    );
    // A signal that is aborted meanwhile is told of below, by the name of the host.
    await sleep(refusedPauseMs, undefined, { signal: context.signal }).catch(() => {});
    throwIfAborted(context.signal, options.host);
    return connect(route, timeoutMs, context);
  }
}

/** A server that was just told to read its settings anew refuses connections for some milliseconds. */
const refusedPauseMs = 1000;

function isRefused(error: unknown): boolean {
  return error instanceof HostUnreachable && error.facts.errno === "ECONNREFUSED";
}
