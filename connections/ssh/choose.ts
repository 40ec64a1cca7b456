import { ConnectionFailed } from "../../engine/index.js";
import { beyondSsh2 } from "./algorithms.js";
import { isCertificate, isTokenKey } from "./keys.js";
import { findProgram } from "./program.js";
import type { Route, Stop } from "./route.js";

/** Which transport a host gets, and why, in words for people. */
export interface Choice {
  readonly transport: "ssh2" | "system";
  readonly reason: string;
}

interface Need {
  readonly what: string;
  /** Whether there is no logging in without it. If false ssh2 may still find another way. */
  readonly hard: boolean;
}

/**
 * The transport for a route: ssh2, unless something is configured that only the system's `ssh` can
 * do, or it was asked for.
 *
 * @throws ConnectionFailed, naming the feature, when `ssh` is needed and is not installed, or when
 * ssh2 was asked for and cannot do it.
 */
export function choose(route: Route): Choice {
  const asked = route.target.options.transport;
  const ssh = findProgram("ssh");
  if (asked === "system") {
    if (!ssh) throw impossible(route, "the transport that was asked for", "is not installed");
    return { transport: "system", reason: "it was asked for" };
  }
  const needs = [...route.jumps, route.target].flatMap((stop) =>
    needsOf(stop).map((need) =>
      stop === route.target
        ? need
        : { ...need, what: `${need.what} (jump host ${stop.config.host})` },
    ),
  );
  const hard = needs.find((need) => need.hard);
  if (asked === "ssh2") {
    if (hard) throw impossible(route, hard.what, 'is not used: transport "ssh2" was asked for');
    return { transport: "ssh2", reason: "it was asked for" };
  }
  const need = hard ?? needs[0];
  if (!need) return { transport: "ssh2", reason: "nothing is configured that needs more" };
  if (ssh) return { transport: "system", reason: `ssh2 cannot do this: ${need.what}` };
  if (hard) throw impossible(route, need.what, "is not installed");
  return {
    transport: "ssh2",
    reason: `there is no ssh program, though it would need: ${need.what}`,
  };
}

function impossible(route: Route, feature: string, why: string): ConnectionFailed {
  const { host } = route.target.config;
  return new ConnectionFailed(`${host} needs the ssh program, which ${why}: ${feature}`, {
    host,
    missing: feature,
    hint: "install the OpenSSH client and leave the transport out",
  });
}

/** Everything about a stop that ssh2 lacks. */
function needsOf({ config, knownHosts, names, identities, certificates, agent }: Stop): Need[] {
  const needs: Need[] = [];
  const need = (condition: unknown, what: string, hard = true) => {
    if (condition) needs.push({ what, hard });
  };
  const set = (keyword: string) => {
    const value = config.raw.get(keyword)?.[0]?.toLowerCase();
    return value !== undefined && !["", "none", "no", "false"].includes(value);
  };
  need(config.proxyCommand, "ProxyCommand");
  need(set("knownhostscommand"), "KnownHostsCommand");
  need(set("revokedhostkeys"), "RevokedHostKeys");
  need(set("verifyhostkeydns"), "VerifyHostKeyDNS", false);
  need(set("bindinterface"), "BindInterface");
  need(set("pkcs11provider"), "PKCS11Provider", false);
  need(set("compression"), "Compression", false);
  for (const keyword of beyondSsh2(config.algorithms)) need(true, `all the ${keyword} configured`);
  const authority = knownHosts.onlyAuthority(names);
  need(
    authority,
    `host certificates: only the authority in ${authority?.file} line ${authority?.line} covers it`,
  );
  for (const path of certificates) need(true, `the user certificate ${path}`);

  const preferred = config.preferredAuthentications;
  need(
    !config.publicKeyLogin || (preferred && !preferred.includes("publickey")),
    "logging in without a public key",
  );
  const plain = [
    ...agent.keys.map((key) => key.type),
    ...identities.filter(({ state }) => state === "usable").map(({ key }) => key?.type ?? ""),
  ].some((type) => !isTokenKey(type) && !isCertificate(type));
  for (const { type } of agent.keys) {
    need(isTokenKey(type), `a hardware token's key in the agent (${type})`, !plain);
    need(isCertificate(type), `a user certificate in the agent (${type})`, !plain);
  }
  for (const { key, path } of identities) {
    need(key && isTokenKey(key.type), `a hardware token's key (${path})`, !plain);
  }
  need(config.gssapiLogin && !plain, "there is no key to offer, and GSSAPI is configured", false);
  return needs;
}
