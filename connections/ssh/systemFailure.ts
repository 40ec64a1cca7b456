import { ConnectionFailed, printable } from "../../engine/index.js";
import {
  authenticationFailed,
  factsOf,
  type HostKeyProblem,
  hostKeyRefused,
  placeOf,
  refusedForward,
  unreachable,
} from "./failures.js";
import type { Stop } from "./route.js";

/** What one `ssh` process wrote about the stop it was to connect to. */
export interface ConnectLog {
  readonly stop: Stop;
  readonly text: string;
}

/**
 * Why a connection was not made, from the logs of its `ssh` processes in the order of the stops and
 * from what they printed. The first stop that failed is to blame.
 */
export function explainFailure(logs: readonly ConnectLog[], printed: string): ConnectionFailed {
  for (const [index, { stop, text }] of logs.entries()) {
    const next = logs[index + 1]?.stop ?? stop;
    const known = hostKey(stop, text) ?? login(stop, text) ?? reaching(stop, next, text);
    if (known) return known;
  }
  // A proxy command prints its complaints, ssh writes its own.
  const { stop, text } = logs.findLast((log) => plainLines(log.text) !== "") ?? lastOf(logs);
  const detail = [lastLines(printed), plainLines(text)].filter(Boolean).join("\n  ");
  return new ConnectionFailed(`${placeOf(stop)}: ${detail || "ssh ended without a word"}`, {
    ...factsOf(stop),
    hint: "run ssh by hand with -v to see more",
  });
}

function lastOf(logs: readonly ConnectLog[]): ConnectLog {
  return logs.at(-1) as ConnectLog; // there is at least the host itself
}

/** What ssh wrote for people: the last lines without its debugging. */
export function plainLines(log: string): string {
  return lastLines(
    log.replace(/^(debug\d: |Authenticated to |Transferred: |Bytes per second: ).*$/gm, ""),
  );
}

function lastLines(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines
    .slice(-5)
    .map((line) => printable(line).slice(0, 500))
    .join("\n  ");
}

function hostKey(stop: Stop, log: string): ConnectionFailed | undefined {
  const refused =
    /^(Host key verification failed\.|No \S+ host key is known for |.*REVOKED HOST KEY)/m;
  if (!refused.test(log)) return undefined;
  const shown = shownKey(log);
  const offending = /^Offending (\S+) key in (.+):(\d+)$/m.exec(log);
  const revoked = /REVOKED HOST KEY|^Host key .* revoked by file /m.test(log);
  const reason: HostKeyProblem["reason"] = revoked ? "revoked" : offending ? "changed" : "unknown";
  return hostKeyRefused(stop, {
    reason,
    shown,
    where: offending ? { file: offending[2] ?? "", line: Number(offending[3]) } : undefined,
    known: offending ? `a key of type ${offending[1]}` : undefined,
    detail: reason === "changed" ? undefined : otherProblem(log),
  });
}

/** What ssh says of a host certificate that is not good enough, or of a list of revoked keys. */
function otherProblem(log: string): string | undefined {
  const match =
    /^(?:debug1: )?((?:Certificate|Host certificate|No matching CA|Host key .* revoked by file).*)$/m.exec(
      log,
    );
  return match?.[1] && printable(match[1]);
}

function login(stop: Stop, log: string): ConnectionFailed | undefined {
  const denied =
    /^(?!debug\d).*(?:Permission denied \(([^)\n]*)\)|Too many authentication failures)/m.exec(log);
  if (!denied) return undefined;
  const offers = [...log.matchAll(/^debug1: Offering public key: (.+)$/gm)];
  const methods =
    denied[1] ??
    [...log.matchAll(/^debug1: Authentications that can continue: (\S+)$/gm)].at(-1)?.[1] ??
    "";
  return authenticationFailed(stop, {
    offered: offers.map((match) => match[1] ?? ""),
    accepted: methods === "" ? [] : methods.split(","),
    detail: denied[0],
  });
}

const errnos: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, "ECONNREFUSED"],
  [/No route to host/, "EHOSTUNREACH"],
  [/Network is unreachable/, "ENETUNREACH"],
  [/timed out/, "ETIMEDOUT"],
  [/Could not resolve|Name or service not known|name resolution/, "ENOTFOUND"],
];

/** A jump host tells in its log that it could not reach the next stop. */
function reaching(stop: Stop, next: Stop, log: string): ConnectionFailed | undefined {
  const line =
    /^(?:ssh: )?(connect to .*|Could not resolve hostname .*|Connection timed out.*|Connection to .* timed out.*|channel \d+: open failed: .*)$/m.exec(
      log,
    )?.[1];
  if (line === undefined) return undefined;
  const errno = errnos.find(([pattern]) => pattern.test(line))?.[1] ?? "EHOSTUNREACH";
  if (!line.startsWith("channel ")) return unreachable(stop, errno, line);
  return refusedForward(next, /prohibited/.test(line), errno, line);
}

/** The host's new key was accepted and could not be written down. */
export function unrecordedKey(stop: Stop, log: string): ConnectionFailed | undefined {
  if (!/^Failed to add the host to the list of known hosts/m.test(log)) return undefined;
  return hostKeyRefused(stop, { reason: "unrecorded", shown: shownKey(log) });
}

function shownKey(log: string): string {
  return /^debug1: Server host key: (\S+ SHA256:\S+)/m.exec(log)?.[1] ?? "of unknown type";
}
