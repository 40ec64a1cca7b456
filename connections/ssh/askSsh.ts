/** What the `ssh` program says of a host's configuration, with as few processes as can be. */
import { ConnectionFailed, lastLines } from "../../engine/index.js";
import { type RawConfig, readLines } from "./configFile.js";
import { type SshOptions, throwIfAborted } from "./options.js";
import { runProgram } from "./program.js";

/** The words that give our caller's own choices to `ssh`. */
export function hostWords(options: SshOptions): string[] {
  const words: string[] = [];
  if (options.configFile !== undefined) words.push("-F", options.configFile);
  if (options.user !== undefined) words.push("-l", options.user);
  if (options.port !== undefined) words.push("-p", String(options.port));
  if (options.identityFile !== undefined) words.push("-i", options.identityFile);
  return words;
}

/** What `ssh -G` said of the first of several hosts that are alike. */
const saidOfLikes = new Map<string, Promise<RawConfig>>();

/**
 * What `ssh -G` says about the host. Starting a program costs more than all else that is done for a
 * host: those that are alike share one.
 *
 * @throws ConnectionFailed when the configuration has an error.
 */
export async function askSsh(
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
    // Other texts are an account and a name, have capitals, or are addresses that can be written in
    // many ways.
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
export function defaultsOf(ssh: string): Promise<RawConfig> {
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
