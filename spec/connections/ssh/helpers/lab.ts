import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshOptions } from "../../../../connections/ssh/openSsh.js";
import { descendants, killIfThere, processes } from "../../../helpers/processes.js";

const sshdPath = "/usr/sbin/sshd";
export const keyTypes = ["ed25519", "rsa", "ecdsa"] as const;
export type KeyType = (typeof keyTypes)[number];

/** Why there is no OpenSSH server on this machine, for `skip`. */
export function missingServer(): string | false {
  return existsSync(sshdPath) ? false : "there is no OpenSSH server here";
}

/** An sshd of our own: where it is, what it holds, and what it has logged. */
export interface Sshd {
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  hostKey(type: KeyType): string;
  /** Type and key, as in known_hosts. */
  publicHostKey(type: KeyType): string;
  log(): string;
  /** The processes that serve connections now. */
  connections(): number[];
  stop(): Promise<void>;
}

/** A folder with keys, servers and client configurations that vanish together. */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), "lab-ssh-"));
  readonly user = userInfo().username;
  /** A command that runs for long and is ended with the lab, wherever it is by then. */
  readonly sleep = `sleep 1000.${randomInt(1e6, 1e7)}`;
  readonly #servers: Sshd[] = [];
  readonly #children: ChildProcess[] = [];
  #names = 0;

  /** A path in the lab that nothing else uses. */
  path(name: string): string {
    return join(this.folder, `${++this.#names}-${name}`);
  }

  write(name: string, text: string): string {
    const path = this.path(name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** A new key pair; the path is the private key's. */
  key(type: KeyType = "ed25519", passphrase = "", comment = "lab"): string {
    const path = this.path(`id_${type}`);
    const bits = type === "rsa" ? ["-b", "2048"] : [];
    keygen(["-t", type, ...bits, "-N", passphrase, "-C", comment, "-f", path]);
    return path;
  }

  publicKey(path: string): string {
    return readFileSync(`${path}.pub`, "utf8").trim();
  }

  async sshd(settings: readonly string[] = [], authorized: readonly string[] = []): Promise<Sshd> {
    const folder = this.path("sshd");
    mkdirSync(folder);
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    for (const type of keyTypes) {
      const bits = type === "rsa" ? ["-b", "2048"] : [];
      keygen(["-t", type, ...bits, "-N", "", "-C", "host", "-f", join(folder, type)]);
    }
    writeFileSync(join(folder, "authorized_keys"), `${authorized.join("\n")}\n`);
    const port = await freePort();
    const lines = [
      // The first value of a setting counts.
      ...settings,
      "ListenAddress 127.0.0.1",
      `Port ${port}`,
      ...keyTypes.map((type) => `HostKey ${join(folder, type)}`),
      `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
      `PidFile ${join(folder, "pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitUserRC no",
      // So bash does not read the real home's .bashrc, which may do and hold anything.
      "SetEnv SHLVL=5",
      "PrintMotd no",
      "PrintLastLog no",
      "MaxStartups 100",
      "LogLevel VERBOSE",
    ];
    const config = join(folder, "sshd_config");
    writeFileSync(config, `${lines.join("\n")}\n`);
    const logFile = join(folder, "log");
    const log = openSync(logFile, "a");
    const child = spawn(sshdPath, ["-D", "-e", "-f", config], { stdio: ["ignore", log, log] });
    closeSync(log);
    await listening(port, () => readFileSync(logFile, "utf8"));
    const server: Sshd = {
      port,
      pid: child.pid ?? 0,
      folder,
      hostKey: (type) => join(folder, type),
      publicHostKey: (type) =>
        readFileSync(join(folder, `${type}.pub`), "utf8")
          .split(" ")
          .slice(0, 2)
          .join(" "),
      log: () => readFileSync(logFile, "utf8"),
      connections: () => descendants(child.pid ?? 0).map(({ pid }) => pid),
      async stop() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const served = descendants(child.pid ?? 0);
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await gone;
        for (const { pid } of served) killIfThere(pid);
      },
    };
    this.#servers.push(server);
    return server;
  }

  /** A known_hosts file with the lines. */
  knownHosts(...lines: readonly string[]): string {
    return this.write("known_hosts", lines.map((line) => `${line}\n`).join(""));
  }

  /** The line by which a server's key of the type is known. */
  hostLine(server: Sshd, type: KeyType = "ed25519"): string {
    return `[127.0.0.1]:${server.port} ${server.publicHostKey(type)}`;
  }

  /** Options that lead to the server and to nothing of the real home. */
  options(
    server: { port: number },
    key: string | undefined,
    knownHosts: string,
    more: Partial<SshOptions> & { settings?: readonly string[] } = {},
  ): SshOptions {
    const { settings = [], ...rest } = more;
    const configFile = this.write(
      "ssh_config",
      [
        "Host lab",
        "  HostName 127.0.0.1",
        `  Port ${server.port}`,
        `  User ${this.user}`,
        ...settings.map((line) => `  ${line}`),
        "Host *",
        `  IdentityFile ${key ?? "none"}`,
        "  IdentityAgent none",
        "",
      ].join("\n"),
    );
    return { host: "lab", configFile, knownHostsFiles: [knownHosts], ...rest };
  }

  /** An ssh-agent with the keys; the path is its socket's. */
  async agent(...keys: readonly string[]): Promise<string> {
    const socket = this.path("agent");
    const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    this.#children.push(child);
    for (let tries = 0; !existsSync(socket) && tries < 200; tries++) await sleep(10);
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (const key of keys) execFileSync("ssh-add", ["-q", key], { env, stdio: "ignore" });
    return socket;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.stop();
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await gone;
    }
    // A program without a terminal outlives its connection.
    for (const { pid, command } of processes()) if (command === this.sleep) killIfThere(pid);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function keygen(words: readonly string[]): void {
  execFileSync("ssh-keygen", ["-q", ...words], { stdio: "ignore" });
}

/** A port of the loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function listening(port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (open) return;
    await sleep(20);
  }
  throw new Error(`sshd does not listen:\n${log()}`);
}
