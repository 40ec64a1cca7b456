import type { Deadline } from "../../core/index.js";
import {
  AuthenticationFailed,
  type Cancelled,
  ConnectionFailed,
  ConnectionLost,
  type ErrorFacts,
  HostKeyRefused,
  HostUnreachable,
  printable,
  quote,
} from "../../engine/index.js";
import type { KnownHostsLine } from "./knownHostsFile.js";
import { cancelled } from "./options.js";
import type { Stop } from "./route.js";

/** `web1 (10.0.0.7:22)`, or `10.0.0.7:22` when the two names are one. */
export function placeOf({ config }: Stop): string {
  const name = config.hostname.includes(":") ? `[${config.hostname}]` : config.hostname;
  const address = `${name}:${config.port}`;
  return config.host === config.hostname ? address : `${config.host} (${address})`;
}

/** What an error about the stop tells programs. */
export function factsOf({ config }: Stop): ErrorFacts {
  const { host, hostname, port, user } = config;
  return { host, hostname, port, user };
}

const reachingHints: Record<string, string> = {
  ENOTFOUND: "check the name, or give HostName in ssh_config",
  ECONNREFUSED: "check that an SSH server listens on that port",
};

/** Nothing answers. `errno` is a name such as `ECONNREFUSED`. */
export function unreachable(stop: Stop, errno: string, what: string): HostUnreachable {
  return new HostUnreachable(`${placeOf(stop)} cannot be reached: ${printable(what)} (${errno})`, {
    ...factsOf(stop),
    errno,
    hint: reachingHints[errno] ?? "check the address, the route to it and the firewalls",
  });
}

/** What connecting ends with at its deadline: it took too long, or was cancelled. */
export function tooLate(
  deadline: Deadline,
  stop: Stop,
  missing: string,
): HostUnreachable | Cancelled {
  if (!deadline.isTimedOut) return cancelled(stop.config.host);
  const within = `within ${(deadline.timeoutMs ?? 0) / 1000} s`;
  return unreachable(stop, "ETIMEDOUT", `${missing} ${within}`);
}

/** A jump host did not connect to the stop after it. */
export function refusedForward(
  stop: Stop,
  prohibited: boolean,
  errno: string,
  what: string,
): ConnectionFailed {
  const detail = `the jump host says: ${what}`;
  if (!prohibited) return unreachable(stop, errno, detail);
  return new ConnectionFailed(`${placeOf(stop)} is not connected to: ${printable(detail)}`, {
    ...factsOf(stop),
    hint: "allow it with AllowTcpForwarding and PermitOpen in the jump host's sshd_config",
  });
}

/** Contact broke off; `what` may be the host's own words. */
export function lost(stop: Stop, what: string): ConnectionLost {
  const detail = printable(what.replace(/\r?\n\s*/g, "; ")).slice(0, 1000);
  return new ConnectionLost(`the connection to ${placeOf(stop)} was lost: ${detail}`, {
    ...factsOf(stop),
    detail,
    hint: "what was running there ends when the host notices; deploy again when it answers",
  });
}

/** What was tried in order to log in. */
export interface LoginHistory {
  /** Each key that was offered: its fingerprint and where it is from. */
  readonly offered: readonly string[];
  /** What the host said it would take, as far as it did. */
  readonly accepted: readonly string[];
  /** The host's or the program's last words. */
  readonly detail?: string;
}

/** The host took none of the keys. */
export function authenticationFailed(stop: Stop, history: LoginHistory): AuthenticationFailed {
  const { config } = stop;
  const unused = unusedIdentities(stop);
  const lines = [
    `${placeOf(stop)} refused to let ${printable(config.user)} log in`,
    history.accepted.length > 0 && `it takes: ${printable(history.accepted.join(", "))}`,
    ...history.offered.map((key) => `offered: ${printable(key)}`),
    history.offered.length === 0 &&
      "no key was offered: neither an agent nor an identity file has one",
    ...unused.map(({ path, why }) => `not used: ${printable(path)} (${why})`),
    stop.agent.problem,
    history.detail && printable(history.detail),
  ];
  return new AuthenticationFailed(lines.filter(Boolean).join("\n  "), {
    ...factsOf(stop),
    offered: history.offered,
    accepted: history.accepted,
    unused: unused.map(({ path }) => path),
    hint: loginHint(stop, history, unused),
  });
}

function unusedIdentities({ identities, agent }: Stop) {
  const whys = {
    encrypted: "it has a passphrase and no agent holds it",
    exposed: "others may read it",
    unreadable: "it cannot be read, or is no key",
    public: "it is a public key and no agent holds the private one",
  };
  return identities.flatMap(({ path, state, key }) => {
    const held = agent.keys.some(({ blob }) => key?.blob.equals(blob));
    return state === "usable" || held ? [] : [{ path, state, why: whys[state] }];
  });
}

function loginHint(
  { config }: Stop,
  history: LoginHistory,
  unused: readonly { path: string; state: string }[],
): string {
  if (/too many authentication failures/i.test(history.detail ?? "")) {
    return "name the right key with IdentityFile, and set IdentitiesOnly yes, in ssh_config";
  }
  const encrypted = unused.find(({ state }) => state === "encrypted");
  if (encrypted) return `give the key to an agent: ssh-add ${quote(encrypted.path)}`;
  const exposed = unused.find(({ state }) => state === "exposed");
  if (exposed) return `chmod 600 ${quote(exposed.path)}`;
  const where = `~${config.user}/.ssh/authorized_keys on ${config.host}`;
  return history.offered.length === 0
    ? "start an agent, or name a key with IdentityFile in ssh_config"
    : `add one of these keys to ${where}, or name another one with IdentityFile in ssh_config`;
}

/** Why a host's key is not to be trusted. */
export interface HostKeyProblem {
  /**
   * `swapped`: it is another one than earlier on the same connection. `unrecorded`: it is new, was
   * to be added to known_hosts and could not be.
   */
  readonly reason: "unknown" | "changed" | "revoked" | "swapped" | "unrecorded";
  /** Type and fingerprint of the key it showed. */
  readonly shown: string;
  /** Type and fingerprint of the key by which it is known. */
  readonly known?: string | undefined;
  /** The line of known_hosts that decided. */
  readonly where?: KnownHostsLine | undefined;
  /** The `ssh` program's own words, for what we do not know better. */
  readonly detail?: string | undefined;
}

/** The host's key is not one to be trusted. Nothing but the key exchange has taken place. */
export function hostKeyRefused(stop: Stop, problem: HostKeyProblem): HostKeyRefused {
  const { names, knownHosts } = stop;
  const { reason, where } = problem;
  const shown = printable(problem.shown);
  const place = where && `${where.file} line ${where.line}`;
  const malformed = knownHosts.malformed.map(({ file, line }) => `${file} line ${line}`);
  const texts = {
    unknown: [
      `the host key of ${placeOf(stop)} is not known: ${shown}`,
      `looked for ${names.name} in ${knownHosts.files.join(", ")}`,
      malformed.length > 0 && `skipped, not understood: ${malformed.slice(0, 5).join(", ")}`,
    ],
    changed: [
      `the host key of ${placeOf(stop)} has CHANGED: somebody may be listening in`,
      `it showed ${shown}`,
      place && `it is known by ${printable(problem.known ?? "another key")} (${place})`,
    ],
    revoked: [
      `the host key of ${placeOf(stop)} is revoked${place ? ` by ${place}` : ""}: ${shown}`,
    ],
    unrecorded: [`the new host key of ${placeOf(stop)} cannot be added to known_hosts: ${shown}`],
    swapped: [
      `${placeOf(stop)} showed another host key than when the connection was made: ${shown}`,
    ],
  };
  const lines = [...texts[reason], ...laxSetting(stop), problem.detail];
  return new HostKeyRefused(lines.filter(Boolean).join("\n  "), {
    ...factsOf(stop),
    ...where,
    reason,
    shown: problem.shown,
    malformed: knownHosts.malformed,
    hint: hostKeyHint(stop, problem),
  });
}

function hostKeyHint(stop: Stop, { reason, where }: HostKeyProblem): string {
  const [file = "~/.ssh/known_hosts"] = stop.config.userKnownHostsFiles;
  if (reason === "unknown") {
    return (
      "compare the fingerprint with the host's own, then run the command again with " +
      `--accept-new-host-key, or: ${scanCommand(stop, file)}`
    );
  }
  if (reason === "revoked") return "give the host a new key";
  if (reason === "unrecorded") return `make ${file} writable`;
  if (reason === "swapped") return "find out who answers in the host's place";
  return (
    "find out why; if the host has a new key on purpose: " +
    `ssh-keygen -R ${quote(stop.names.name)} -f ${quote(where?.file ?? file)}`
  );
}

function scanCommand({ config }: Stop, file: string): string {
  const port = config.port === 22 ? "" : `-p ${config.port} `;
  return `ssh-keyscan ${port}${quote(config.hostname)} >> ${quote(file)}`;
}

/** A setting that would have let the key pass is named, since people wonder why it did not. */
function laxSetting({ config, options }: Stop): string[] {
  const { strictHostKeyChecking: value } = config;
  const lax = value === "no" || (value === "accept-new" && !options.acceptNewHostKey);
  return lax ? [`StrictHostKeyChecking ${value} in ssh_config is not honoured here`] : [];
}
