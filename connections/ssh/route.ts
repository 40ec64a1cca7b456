import { existsSync } from "node:fs";
import { defined } from "../../core/index.js";
import { ConnectionFailed } from "../../engine/index.js";
import { type AgentKeys, listAgentKeys } from "./agent.js";
import { readConfig, type SshConfig } from "./config.js";
import { type Identity, readIdentity } from "./keys.js";
import { type HostNames, hostNames, type KnownHosts, readKnownHosts } from "./knownHosts.js";
import { checkOptions, type SshContext, type SshOptions } from "./options.js";

/** One SSH server on the way, and all that is known here about logging in to it. */
export interface Stop {
  readonly options: SshOptions;
  readonly config: SshConfig;
  readonly knownHosts: KnownHosts;
  readonly names: HostNames;
  /** The identity files that exist, in the order of the configuration. */
  readonly identities: readonly Identity[];
  /** Files of user certificates that exist. */
  readonly certificates: readonly string[];
  /** The agent's keys that may be used for this host. */
  readonly agent: AgentKeys;
}

/** The jump hosts in the order in which they are met, and the host itself. */
export interface Route {
  readonly jumps: readonly Stop[];
  readonly target: Stop;
}

/** More jump hosts than anybody has: a loop. */
const maxJumps = 8;

/**
 * What the configuration says about the host and about every jump host before it.
 *
 * @throws ConnectionFailed, HostKeyRefused when a configuration or known_hosts file is unusable.
 */
export async function planRoute(options: SshOptions, context: SshContext): Promise<Route> {
  const target = await planStop(options, context);
  const jumps = await jumpsBefore(target, context, maxJumps);
  return { jumps, target };
}

async function planStop(options: SshOptions, context: SshContext): Promise<Stop> {
  checkOptions(options);
  const config = await readConfig(options, context.signal);
  const found = await Promise.all([...new Set(config.identityFiles)].map(readIdentity));
  const identities = found.filter((identity) => identity !== undefined);
  const all = config.agentSocket
    ? await listAgentKeys(config.agentSocket)
    : { keys: [], problem: undefined };
  if (all.problem) context.report?.(1, all.problem);
  const named = (blob: Buffer) => identities.some((identity) => identity.key?.blob.equals(blob));
  return {
    options,
    config,
    knownHosts: readKnownHosts([...config.userKnownHostsFiles, ...config.globalKnownHostsFiles], {
      host: config.host,
      hostname: config.hostname,
      port: config.port,
      user: config.user,
    }),
    names: hostNames(config.hostname, config.port, config.hostKeyAlias),
    identities,
    certificates: [
      ...config.certificateFiles.filter((path) => existsSync(path)),
      ...identities.flatMap(({ certificate }) => certificate ?? []),
    ],
    agent: config.identitiesOnly
      ? { ...all, keys: all.keys.filter((key) => named(key.blob)) }
      : all,
  };
}

/**
 * The jump hosts before a host. Of a list only the first one's own ProxyJump counts, since the
 * others are reached through their predecessor in the list.
 */
async function jumpsBefore(stop: Stop, context: SshContext, left: number): Promise<Stop[]> {
  const { proxyJump, proxyCommand } = stop.config;
  if (proxyJump === undefined || proxyCommand !== undefined) return [];
  const { host, configFile, knownHostsFiles, acceptNewHostKey, connectTimeoutMs } = stop.options;
  const specifications = proxyJump.split(",");
  if (specifications.length > left) {
    throw new ConnectionFailed(`there are more than ${maxJumps} jump hosts before ${host}`, {
      host,
      hint: "look for a ProxyJump in ssh_config that applies to the jump host itself",
    });
  }
  const stops: Stop[] = [];
  for (const specification of specifications) {
    const jump = parseJump(specification, host);
    stops.push(
      await planStop(
        {
          ...jump,
          ...defined({ configFile, knownHostsFiles, acceptNewHostKey, connectTimeoutMs }),
        },
        context,
      ),
    );
  }
  const [first] = stops;
  return first ? [...(await jumpsBefore(first, context, left - stops.length)), ...stops] : [];
}

/** Reads `[user@]host[:port]` and `ssh://[user@]host[:port]`; an IPv6 address stands in brackets. */
export function parseJump(
  specification: string,
  before: string,
): { host: string; user?: string; port?: number } {
  const match =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([0-9A-Fa-f:.%]+)\]|([^@:/[\]]+))(?::(\d+))?\/?$/.exec(
      specification.trim(),
    );
  if (!match) {
    throw new ConnectionFailed(`ProxyJump ${JSON.stringify(specification)} is not understood`, {
      host: before,
      hint: "write it as user@host:port",
    });
  }
  const [, user, address, name, port] = match;
  return {
    host: address ?? name ?? "",
    ...defined({ user, port: port === undefined ? undefined : Number(port) }),
  };
}
