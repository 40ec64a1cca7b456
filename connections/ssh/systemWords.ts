import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoteWords } from "../../engine/index.js";
import { hostWords } from "./askSsh.js";
import type { SshOptions } from "./options.js";
import type { Route, Stop } from "./route.js";

/** The folder of one connection: its control socket and the logs of its `ssh` processes. */
export interface ConnectionFolder {
  readonly path: string;
  readonly socket: string;
}

/** Where `ssh` writes about a stop: the jump hosts are numbered from 0, the host comes last. */
export function logOf(folder: ConnectionFolder, index: number): string {
  return join(folder.path, `connect${index}.log`);
}

/** The words of the `ssh` that makes the connection and shares it. Writes scripts for the jump hosts. */
export function masterWords(route: Route, folder: ConnectionFolder, timeoutMs: number): string[] {
  const proxy = jumpCommand(route.jumps, folder, timeoutMs);
  return [
    ...connectingWords(route.target, logOf(folder, route.jumps.length), timeoutMs),
    ...(proxy === undefined ? [] : ["-o", `ProxyCommand=${proxy}`]),
    ...["-M", "-N", "-S", folder.socket, "-o", "ControlPersist=no"],
    ...["--", route.target.options.host],
  ];
}

/**
 * The words of an `ssh` that starts one program over the shared connection. It reads no
 * configuration, and where the connection is gone it fails instead of making one of its own.
 */
export function sessionWords(folder: ConnectionFolder, log: string, command: string): string[] {
  return [
    ...["-F", "none", "-S", folder.socket, "-E", log, "-T", "-x", "-a"],
    ...["-o", "LogLevel=DEBUG2", "-o", "BatchMode=yes", "-o", "ProxyCommand=false"],
    ...["--", "shared", command],
  ];
}

/**
 * The words of the `ssh` of a host before, but for the name of the host that it leads to. A connection
 * that is shared on that host may have been made with other settings.
 */
export function laterWords(options: SshOptions): string[] {
  const { connectTimeoutMs } = options;
  const settings = [...always(options), "ControlPath=none"];
  if (connectTimeoutMs !== undefined) {
    settings.push(`ConnectTimeout=${Math.ceil(connectTimeoutMs / 1000)}`);
  }
  return [...hostWords(options), "-T", "-x", "-a", ...settings.flatMap((one) => ["-o", one])];
}

/** The settings that must hold whatever ssh_config says, and our caller's own known_hosts. */
function always({ acceptNewHostKey, knownHostsFiles }: SshOptions): string[] {
  const settings = [
    "BatchMode=yes",
    `StrictHostKeyChecking=${acceptNewHostKey ? "accept-new" : "yes"}`,
    "NoHostAuthenticationForLocalhost=no",
    "ClearAllForwardings=yes",
    "Tunnel=no",
    "RemoteCommand=none",
  ];
  if (knownHostsFiles) {
    const files = knownHostsFiles.map((file) => `"${file.replaceAll("%", "%%")}"`);
    settings.push(`UserKnownHostsFile=${files.join(" ") || "none"}`, "GlobalKnownHostsFile=none");
  }
  return settings;
}

/**
 * What every `ssh` gets that makes a connection: our caller's choices, then what must hold whatever
 * ssh_config says. A setting on the command line wins over the files.
 */
function connectingWords({ options, config }: Stop, log: string, timeoutMs: number): string[] {
  const settings = [
    ...always(options),
    `ConnectTimeout=${Math.ceil(timeoutMs / 1000)}`,
    `ServerAliveInterval=${config.serverAliveIntervalMs / 1000}`,
    // What was offered and what host key was shown stands only there.
    "LogLevel=DEBUG1",
  ];
  // Older programs refuse to start when given a setting they do not know.
  if (config.raw.has("forkafterauthentication")) settings.push("ForkAfterAuthentication=no");
  return [
    ...hostWords(options),
    ...["-E", log, "-T", "-x", "-a"],
    ...settings.flatMap((setting) => ["-o", setting]),
  ];
}

/**
 * The command through which the jump hosts lead to the next stop. `ssh` would build the same from
 * ProxyJump, but without the settings above: its jump hosts could be let in unverified.
 *
 * Each jump host gets a script, since ssh reads quotes in a command otherwise than the shell does.
 */
function jumpCommand(
  jumps: readonly Stop[],
  folder: ConnectionFolder,
  timeoutMs: number,
): string | undefined {
  let command: string | undefined;
  jumps.forEach((jump, index) => {
    const words = [
      "ssh",
      ...connectingWords(jump, logOf(folder, index), timeoutMs),
      ...(command === undefined ? [] : ["-o", `ProxyCommand=${command}`]),
      // A shared connection of the person's own may have been made with other settings.
      ...["-o", "ControlPath=none", "-W"],
    ];
    const script = join(folder.path, `jump${index}`);
    const host = quoteWords(["--", jump.options.host]);
    writeFileSync(script, `exec ${quoteWords(words)} "[$1]:$2" ${host}\n`, { mode: 0o600 });
    command = `sh ${script} %h %p`;
  });
  return command;
}
