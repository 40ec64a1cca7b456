import { defined } from "../../core/index.js";
import { askSsh, defaultsOf } from "./askSsh.js";
import { type RawConfig, readConfigFiles } from "./configFile.js";
import { ConfigValues } from "./configValues.js";
import { type SshOptions, throwIfAborted } from "./options.js";
import { findProgram } from "./program.js";

/** Lists of algorithms that the user's configuration sets. `undefined`: the defaults stand. */
export interface ConfiguredAlgorithms {
  readonly kex?: readonly string[];
  readonly serverHostKey?: readonly string[];
  readonly cipher?: readonly string[];
  readonly hmac?: readonly string[];
}

/** What ssh_config says about one host, with `~` and `%` tokens expanded. */
export interface SshConfig {
  /** Whether the `ssh` program resolved it, or our own reading of the files. */
  readonly resolvedBy: "ssh" | "files";
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Path of the agent's socket, where there is one to be used. */
  readonly agentSocket: string | undefined;
  readonly certificateFiles: readonly string[];
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | undefined;
  readonly hashKnownHosts: boolean;
  readonly proxyJump: string | undefined;
  readonly proxyCommand: string | undefined;
  /** `yes`, `no`, `ask` or `accept-new`. */
  readonly strictHostKeyChecking: string;
  readonly connectTimeoutMs: number | undefined;
  /** How often a silent host is asked whether it is there. */
  readonly serverAliveIntervalMs: number;
  /** After so many questions without an answer the host is lost. */
  readonly serverAliveCountMax: number;
  readonly addressFamily: 4 | 6 | undefined;
  readonly bindAddress: string | undefined;
  readonly publicKeyLogin: boolean;
  readonly gssapiLogin: boolean;
  readonly preferredAuthentications: readonly string[] | undefined;
  readonly algorithms: ConfiguredAlgorithms;
  /** Everything else, by lower-case keyword. */
  readonly raw: ReadonlyMap<string, readonly string[]>;
}

/** Debian's `ssh -G` says 300 s with `BatchMode yes`: a host would be frozen for long unnoticed. */
const longestAliveMs = 15_000;

const defaultIdentityFiles = ["rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk"].map(
  (sort) => `~/.ssh/id_${sort}`,
);

/**
 * What ssh_config says about the host of `options`: exactly what `ssh -G` says where there is an
 * `ssh` program, else read from the files.
 *
 * @throws ConnectionFailed when the configuration has an error, or needs `ssh` and there is none.
 */
export async function readConfig(options: SshOptions, signal?: AbortSignal): Promise<SshConfig> {
  const ssh = findProgram("ssh");
  if (!ssh)
    return typed(
      options,
      new ConfigValues(options.host, readConfigFiles(options), "files"),
      new Map(),
    );
  const [raw, defaults] = await Promise.all([askSsh(ssh, options, signal), defaultsOf(ssh)]);
  throwIfAborted(signal, options.host);
  return typed(options, new ConfigValues(options.host, raw, "ssh"), defaults);
}

function typed(options: SshOptions, values: ConfigValues, defaults: RawConfig): SshConfig {
  const { raw, resolvedBy, tokens } = values;
  return {
    resolvedBy,
    host: options.host,
    hostname: tokens.hostname,
    port: tokens.port,
    user: tokens.user,
    hostKeyAlias: tokens.hostKeyAlias,
    ...knownHosts(options, values),
    ...loggingIn(values),
    ...keepingContact(values),
    proxyJump: values.one("proxyjump"),
    // A command is the rest of its line, not its first word.
    proxyCommand: values.one("proxycommand") && values.first("proxycommand"),
    addressFamily: ({ inet: 4, inet6: 6 } as const)[values.one("addressfamily") ?? ""],
    bindAddress: values.one("bindaddress"),
    algorithms: algorithms(raw, defaults),
    raw,
  };
}

function knownHosts({ knownHostsFiles }: SshOptions, values: ConfigValues) {
  const [users, globals] = ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"] as const;
  const files = (keyword: string, file: string) => values.pathList(keyword, `${file} ${file}2`);
  return {
    userKnownHostsFiles: knownHostsFiles ?? files("userknownhostsfile", users),
    globalKnownHostsFiles: knownHostsFiles ? [] : files("globalknownhostsfile", globals),
    hashKnownHosts: values.flag("hashknownhosts", false),
    strictHostKeyChecking: strictness(values.one("stricthostkeychecking")),
  };
}

function loggingIn(values: ConfigValues) {
  return {
    identityFiles: values.paths("identityfile", defaultIdentityFiles),
    identitiesOnly: values.flag("identitiesonly", false),
    agentSocket: values.agentSocket(),
    certificateFiles: values.paths("certificatefile", []),
    publicKeyLogin: !["no", "false"].includes(
      values.one("pubkeyauthentication")?.toLowerCase() ?? "yes",
    ),
    gssapiLogin: values.flag("gssapiauthentication", false),
    preferredAuthentications: values.one("preferredauthentications")?.split(","),
  };
}

function keepingContact(values: ConfigValues) {
  const aliveMs = values.duration("serveraliveinterval") || longestAliveMs;
  return {
    connectTimeoutMs: values.duration("connecttimeout") || undefined,
    serverAliveIntervalMs: Math.min(aliveMs, longestAliveMs),
    serverAliveCountMax: Number(values.one("serveralivecountmax") ?? 3),
  };
}

function strictness(value: string | undefined): string {
  const word = value?.toLowerCase() ?? "ask";
  if (word === "true") return "yes";
  return word === "false" || word === "off" ? "no" : word;
}

/** The algorithms that somebody has set: those that differ from the program's own defaults. */
function algorithms(raw: RawConfig, defaults: RawConfig): ConfiguredAlgorithms {
  const list = (keyword: string) => {
    const value = raw.get(keyword)?.[0];
    return value === undefined || value === defaults.get(keyword)?.[0]
      ? undefined
      : value.split(",");
  };
  return defined({
    kex: list("kexalgorithms"),
    serverHostKey: list("hostkeyalgorithms"),
    cipher: list("ciphers"),
    hmac: list("macs"),
  });
}
