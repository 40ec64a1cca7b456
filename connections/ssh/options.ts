import { Cancelled, InvalidArgument } from "../../engine/index.js";

/** How to reach one host by SSH. Everything left out comes from ssh_config. */
export interface SshOptions {
  /** An alias or a name, as one would give it to `ssh`. */
  readonly host: string;
  /** Account there. Default: ssh_config's `User`, else the local user's name. */
  readonly user?: string;
  /** Default: ssh_config's `Port`, else 22. */
  readonly port?: number;
  /** A private key (or the public half of one that an agent holds), tried before the configured ones. */
  readonly identityFile?: string;
  /** Read instead of the user's and the system's ssh_config. */
  readonly configFile?: string;
  /** Read instead of the user's and the system's known_hosts; new keys go into the first. */
  readonly knownHostsFiles?: readonly string[];
  /** Default: `ssh2`, unless something is configured that only the system's `ssh` can do. */
  readonly transport?: "ssh2" | "system";
  /** Adds the key of a host that is not known yet to known_hosts. A changed key stays refused. */
  readonly acceptNewHostKey?: boolean;
  /** Milliseconds for connecting and logging in. Default: ssh_config's `ConnectTimeout`, else 30 s. */
  readonly connectTimeoutMs?: number;
}

/** Where a connection's news go, and what ends it. */
export interface SshContext {
  /** Aborting it ends the attempt to connect. */
  readonly signal?: AbortSignal | undefined;
  /** Told what is of interest with `-v` (1), `-vv` (2) and `-vvv` (3). The text is safe to print. */
  report?(level: 1 | 2 | 3, text: string): void;
  /** Settles when it is the turn of this login; the result is called when that is over. */
  admit?(server: string): Promise<() => void>;
}

/**
 * The options are sound: nothing in them can be taken for an option or for shell text.
 *
 * @throws InvalidArgument otherwise.
 */
export function checkOptions(options: SshOptions): void {
  checkName("host", options.host);
  if (options.user !== undefined) checkName("user", options.user);
  const { port, connectTimeoutMs } = options;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new InvalidArgument(`port ${port} is not between 1 and 65535`);
  }
  if (connectTimeoutMs !== undefined && !(connectTimeoutMs > 0)) {
    throw new InvalidArgument("connectTimeoutMs must be more than 0");
  }
  const files = [options.identityFile, options.configFile, ...(options.knownHostsFiles ?? [])];
  for (const file of files) {
    // ssh expands ${…} in file names and cannot be told not to; the others end or change its word.
    if (file !== undefined && (file === "" || /["\\\n\r\0]|\$\{/.test(file))) {
      throw new InvalidArgument(`file name ${JSON.stringify(file)} cannot be given to ssh`);
    }
  }
}

/** OpenSSH puts both into commands (`ProxyCommand %h`, `Match exec`), so shell syntax is refused. */
function checkName(what: "host" | "user", name: string): void {
  if (name === "" || name.startsWith("-") || /[\s'"`$\\;&<>|(){}!\p{C}]/u.test(name)) {
    throw new InvalidArgument(`${JSON.stringify(name)} is no ${what} name`);
  }
}

/** @throws Cancelled when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined, host: string): void {
  if (signal?.aborted) throw cancelled(host);
}

/** What is thrown when connecting to the host is cancelled. */
export function cancelled(host: string): Cancelled {
  return new Cancelled(`the connection to ${host} was cancelled`, { host });
}
