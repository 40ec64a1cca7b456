import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BedProcess } from "./bedProcess.js";
import { type RunOptions, run, type ShellResult } from "./run.js";

export type Init = "plain" | "systemd";

const bootLimitMs = 60_000;

function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

export class Host {
  readonly name: string;
  readonly address: string;
  readonly port = 22;
  readonly #bed: BedProcess;
  #pid = 0;
  #mountNamespace = "";

  constructor(bed: BedProcess, index: number) {
    this.#bed = bed;
    this.name = `h${String(index).padStart(2, "0")}`;
    this.address = `${bed.network}.${index}`;
  }

  /** The host's first process, as this machine numbers it; another one after a reset. */
  get pid(): number {
    // Once the host is off, its number may become that of a process of the machine itself.
    if (this.#pid === 0 || mountNamespace(this.#pid) !== this.#mountNamespace)
      throw new Error(`testbed: ${this.name} is off`);
    return this.#pid;
  }

  /** The host's root directory as this machine sees it; another one after a reset. */
  get root(): string {
    return `/proc/${this.pid}/root`;
  }

  /** What known_hosts says of this host; stays the same after a reset. */
  get hostKeyLine(): string {
    const key = readFileSync(join(this.#bed.directory, "keys", `${this.name}.pub`), "utf8");
    return `${this.name},${this.address} ${key.split(" ").slice(0, 2).join(" ")}`;
  }

  /** Runs a command as root inside, without ssh and independent of the host's network. */
  async shell(command: string, options: Omit<RunOptions, "env"> = {}): Promise<ShellResult> {
    const namespaces = ["-m", "-u", "-i", "-n", "-p", "-C"];
    const env = {
      HOME: "/root",
      LANG: "C.UTF-8",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      TERM: "dumb",
    };
    // The limits that a process of the host has; see host.sh.
    const limits = ["setpriv", "--bounding-set", "-sys_time,-sys_module"];
    const inside = [...limits, "/bin/sh", "-c", `cd; ${command}`];
    return run("nsenter", ["-t", `${this.pid}`, ...namespaces, "--", ...inside], {
      ...options,
      env,
    });
  }

  /** Stops every sshd without closing anything: peers see silence. */
  async freeze(): Promise<void> {
    await this.shell("pkill -STOP -x sshd");
  }

  async thaw(): Promise<void> {
    await this.shell("pkill -CONT -x sshd");
  }

  /** Kills the sshd processes of all connections; the listening one stays. */
  async killConnections(): Promise<void> {
    // Only the listener's title continues with the path of its program.
    await this.shell("pkill -KILL -f '^sshd: [^/]'");
  }

  /** Waits until the host has booted and sshd answers. */
  async ready(init: Init): Promise<void> {
    const limit = Date.now() + bootLimitMs;
    const pidFile = join(this.#bed.directory, `${this.name}.pid`);
    while (!existsSync(pidFile)) await this.#pause(limit);
    this.#pid = Number(readFileSync(pidFile, "utf8"));
    this.#mountNamespace = mountNamespace(this.#pid) ?? "";
    while (!(await this.#answers())) await this.#pause(limit);
    // Before that, sshd turns away everybody but root.
    if (init === "systemd") await this.shell("systemctl is-system-running --wait");
  }

  async #pause(limit: number): Promise<void> {
    await sleep(10);
    const file = join(this.#bed.directory, this.name);
    if (!existsSync(`${file}.failed`) && Date.now() < limit) return;
    const log = `${file}.log`;
    const said = existsSync(log) ? readFileSync(log, "utf8").slice(-4000) : "";
    throw new Error(`testbed: ${this.name} does not boot: ${said}`);
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, this.address);
      const done = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket.setTimeout(2000, () => done(false));
      socket.on("error", () => done(false));
      socket.on("end", () => done(false));
      socket.on("data", (banner) => done(banner.toString().startsWith("SSH-")));
    });
  }
}
