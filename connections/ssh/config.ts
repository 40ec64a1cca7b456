import { ConnectionFailed, lastLines } from "../../engine/index.js";
import { type RawConfig, readConfigFiles, readLines } from "./configFile.js";
import { localAccount } from "./localAccount.js";
import { type SshOptions, throwIfAborted } from "./options.js";
import { findProgram, runProgram } from "./program.js";
import { splitWords } from "./sshConfigSyntax.js";
import { expand, type TokenValues } from "./tokens.js";

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

const defaultIdentityFiles = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"];

/**
 * What ssh_config says about the host of `options`: exactly what `ssh -G` says where there is an
 * `ssh` program, else read from the files.
 *
 * @throws ConnectionFailed when the configuration has an error, or needs `ssh` and there is none.
 */
export async function readConfig(options: SshOptions, signal?: AbortSignal): Promise<SshConfig> {
  const ssh = findProgram("ssh");
  if (!ssh) return typed(options, readConfigFiles(options), "files", new Map());
  const [raw, defaults] = await Promise.all([askOnce(ssh, options, signal), defaultsOf(ssh)]);
  throwIfAborted(signal, options.host);
  return typed(options, raw, "ssh", defaults);
}

/** The words that give our caller's own choices to `ssh`. */
export function hostWords(options: SshOptions): string[] {
  const words: string[] = [];
  if (options.configFile !== undefined) words.push("-F", options.configFile);
  if (options.user !== undefined) words.push("-l", options.user);
  if (options.port !== undefined) words.push("-p", String(options.port));
  if (options.identityFile !== undefined) words.push("-i", options.identityFile);
  return words;
}

/** What was said of the first of those that are alike. */
const saidOfLikes = new Map<string, Promise<RawConfig>>();

/** Starting a program costs more than all else that is done for a host: those that are alike share one. */
async function askOnce(
  ssh: string,
  options: SshOptions,
  signal: AbortSignal | undefined,
): Promise<RawConfig> {
  const { host } = options;
  const shared = sharedConfigKey(options);
  const words = [...hostWords(options), "-G", "--", host];
  if (!shared) return ask(ssh, words, host, signal);
  const key = JSON.stringify([ssh, shared.lines]);
  const said = saidOfLikes.get(key) ?? ask(ssh, words, host);
  saidOfLikes.set(key, said);
  try {
    return new Map([...(await said), ["host", [host]], ["hostname", [shared.hostname]]]);
  } catch {
    saidOfLikes.delete(key);
    return ask(ssh, words, host, signal); // its error names this host
  }
}

/**
 * Of hosts with the same lines the files say the same, but for their addresses. Undefined where that
 * cannot be told without `ssh`, or may depend on the name elsewhere.
 */
function sharedConfigKey(options: SshOptions): { lines: unknown; hostname: string } | undefined {
  try {
    const { host, acceptNewHostKey, ...others } = options;
    const { raw, applied, isClear } = readLines(options);
    const [hostname = host] = raw.get("hostname") ?? [];
    // Others are an account and a name, have capitals, or are addresses that are written in many ways.
    const areNames = [host, hostname].every((name) => /^[a-z0-9._-]+$/.test(name));
    const jumps = (raw.get("proxyjump")?.[0] ?? "").split(/[@:,/]/);
    const isOwnJump = jumps.includes(host) || jumps.includes(hostname); // which `ssh` refuses
    const values = [...raw.values()].flat().concat(applied.map(({ value }) => value));
    const arePlain = !values.some((value) => /[%$"'#\\]|^=/.test(value));
    if (!isClear || !areNames || isOwnJump || !arePlain) return undefined;
    const lines = applied.filter(({ keyword }) => keyword !== "hostname");
    return { lines: [others, lines.map(({ keyword, value }) => [keyword, value])], hostname };
  } catch {
    return undefined; // `ssh` tells what is wrong with them
  }
}

const defaultsByProgram = new Map<string, Promise<RawConfig>>();

/** What this `ssh` does without any configuration; asked once a process. */
function defaultsOf(ssh: string): Promise<RawConfig> {
  let defaults = defaultsByProgram.get(ssh);
  if (!defaults) {
    defaults = ask(ssh, ["-F", "/dev/null", "-G", "--", "x"], "x");
    defaults.catch(() => defaultsByProgram.delete(ssh));
    defaultsByProgram.set(ssh, defaults);
  }
  return defaults;
}

async function ask(
  ssh: string,
  words: readonly string[],
  host: string,
  signal?: AbortSignal,
): Promise<RawConfig> {
  // 30 s: `Match exec` and canonicalisation may look names up.
  const result = await runProgram(ssh, words, { timeoutMs: 30_000, signal });
  throwIfAborted(signal, host);
  if (result.exitCode !== 0) {
    throw new ConnectionFailed(
      `ssh -G ${host} failed (${result.exitCode ?? "no answer"}):\n${lastLines(result.stderr, 5)}`,
      { host, hint: "correct the ssh_config file that it names" },
    );
  }
  const raw: RawConfig = new Map();
  for (const line of result.stdout.split("\n")) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const values = raw.get(line.slice(0, space));
    if (values) values.push(line.slice(space + 1));
    else raw.set(line.slice(0, space), [line.slice(space + 1)]);
  }
  return raw;
}

function typed(
  options: SshOptions,
  raw: RawConfig,
  resolvedBy: "ssh" | "files",
  defaults: RawConfig,
): SshConfig {
  const one = (keyword: string): string | undefined => {
    const value = raw.get(keyword)?.[0];
    if (value === undefined) return undefined;
    const plain = resolvedBy === "files" ? (splitWords(value)[0] ?? "") : value;
    return plain === "" || plain.toLowerCase() === "none" ? undefined : plain;
  };
  const flag = (keyword: string, otherwise: boolean): boolean => {
    const value = one(keyword)?.toLowerCase();
    return value === undefined ? otherwise : ["yes", "true"].includes(value);
  };
  const seconds = (keyword: string): number | undefined => {
    const match = /^(\d+)([smh]?)$/i.exec(one(keyword) ?? "");
    if (!match) return undefined;
    const unit = { s: 1, m: 60, h: 3600 }[match[2]?.toLowerCase() || "s"] ?? 1;
    return Number(match[1]) * unit * 1000;
  };
  const values: TokenValues = {
    originalHost: options.host,
    hostname: (one("hostname") ?? options.host).replaceAll("%h", options.host).toLowerCase(),
    port: Number(one("port") ?? 22),
    user: one("user") ?? localAccount().name,
    hostKeyAlias: one("hostkeyalias"),
  };
  const paths = (keyword: string, otherwise: readonly string[]): string[] =>
    // `ssh -G` prints a path as it is, with its blanks.
    (
      raw
        .get(keyword)
        ?.map((value) => (resolvedBy === "ssh" ? value : (splitWords(value)[0] ?? ""))) ?? otherwise
    )
      .filter((path) => path !== "" && path.toLowerCase() !== "none")
      .map((path) => expand(path, values));
  const knownHosts = (keyword: string, otherwise: string): string[] =>
    pathList(raw.get(keyword)?.[0] ?? otherwise, resolvedBy)
      .filter((path) => path.toLowerCase() !== "none")
      .map((path) => expand(path, values));
  const ssh = "~/.ssh";
  return {
    resolvedBy,
    host: options.host,
    hostname: values.hostname,
    port: values.port,
    user: values.user,
    identityFiles: paths(
      "identityfile",
      defaultIdentityFiles.map((name) => `${ssh}/${name}`),
    ),
    identitiesOnly: flag("identitiesonly", false),
    agentSocket: agentSocket(
      resolvedBy === "ssh"
        ? raw.get("identityagent")?.[0]
        : (one("identityagent") ?? raw.get("identityagent")?.[0]),
      values,
    ),
    certificateFiles: paths("certificatefile", []),
    userKnownHostsFiles:
      options.knownHostsFiles ??
      knownHosts("userknownhostsfile", `${ssh}/known_hosts ${ssh}/known_hosts2`),
    globalKnownHostsFiles: options.knownHostsFiles
      ? []
      : knownHosts("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"),
    hostKeyAlias: values.hostKeyAlias,
    hashKnownHosts: flag("hashknownhosts", false),
    proxyJump: one("proxyjump"),
    // A command is the rest of its line, not its first word.
    proxyCommand: one("proxycommand") && raw.get("proxycommand")?.[0],
    strictHostKeyChecking: strictness(one("stricthostkeychecking")),
    connectTimeoutMs: seconds("connecttimeout") || undefined,
    serverAliveIntervalMs: Math.min(
      seconds("serveraliveinterval") || longestAliveMs,
      longestAliveMs,
    ),
    serverAliveCountMax: Number(one("serveralivecountmax") ?? 3),
    addressFamily: ({ inet: 4, inet6: 6 } as const)[one("addressfamily") ?? ""],
    bindAddress: one("bindaddress"),
    publicKeyLogin:
      one("pubkeyauthentication")?.toLowerCase() !== "no" &&
      one("pubkeyauthentication")?.toLowerCase() !== "false",
    gssapiLogin: flag("gssapiauthentication", false),
    preferredAuthentications: one("preferredauthentications")?.split(","),
    algorithms: algorithms(raw, defaults),
    raw,
  };
}

function strictness(value: string | undefined): string {
  const word = value?.toLowerCase() ?? "ask";
  if (word === "true") return "yes";
  return word === "false" || word === "off" ? "no" : word;
}

/** `ssh -G` joins paths with blanks and quotes none; every path in its list is absolute or `none`. */
function pathList(value: string, resolvedBy: "ssh" | "files"): string[] {
  return resolvedBy === "ssh" ? value.split(/ (?=[/~]|none$)/) : splitWords(value);
}

function agentSocket(configured: string | undefined, values: TokenValues): string | undefined {
  const value = configured ?? "SSH_AUTH_SOCK";
  if (value.toLowerCase() === "none") return undefined;
  const variable = value === "SSH_AUTH_SOCK" ? value : /^\$([A-Za-z_]\w*)$/.exec(value)?.[1];
  return (variable ? process.env[variable] : expand(value, values)) || undefined;
}

/** Only what differs from the program's own defaults was set by somebody. */
function algorithms(raw: RawConfig, defaults: RawConfig): ConfiguredAlgorithms {
  const list = (keyword: string) => {
    const value = raw.get(keyword)?.[0];
    return value === undefined || value === defaults.get(keyword)?.[0]
      ? undefined
      : value.split(",");
  };
  const kex = list("kexalgorithms");
  const serverHostKey = list("hostkeyalgorithms");
  const cipher = list("ciphers");
  const hmac = list("macs");
  return {
    ...(kex && { kex }),
    ...(serverHostKey && { serverHostKey }),
    ...(cipher && { cipher }),
    ...(hmac && { hmac }),
  };
}
