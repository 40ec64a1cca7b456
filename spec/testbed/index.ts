import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alicePassword, ensureBase, ensureDelayLine } from "./base.js";
import { BedProcess } from "./bedProcess.js";
import { Host, type Init } from "./host.js";
import { testbedUnavailable } from "./machine.js";

export { alicePassword } from "./base.js";
export { Host, type Init } from "./host.js";
export { testbedUnavailable } from "./machine.js";
export type { RunOptions, ShellResult } from "./run.js";

export interface TestbedOptions {
  /** Number of hosts, 1 to 99; they are called h01, h02 and so on. */
  readonly hosts: number;
  /** Round-trip time between this machine and each host; 0 means as fast as it goes. */
  readonly rttMs?: number;
  /** First process of every host: a mere reaper with sshd beside it, or systemd. */
  readonly init?: Init;
}

/** Real Debian hosts reached through sshd; users root, admin, alice and noisy. */
export class Testbed {
  readonly hosts: readonly Host[];
  /** Private key by which one logs in as each of the users. */
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** For `ssh -F`; knows the hosts by name. */
  readonly sshConfigFile: string;
  readonly alicePassword = alicePassword;
  readonly init: Init;
  readonly #bed: BedProcess;

  constructor(bed: BedProcess, count: number, init: Init) {
    this.#bed = bed;
    this.init = init;
    this.hosts = Array.from({ length: count }, (_, index) => new Host(bed, index + 1));
    this.keyFile = join(bed.directory, "keys", "id");
    this.knownHostsFile = join(bed.directory, "known_hosts");
    this.sshConfigFile = join(bed.directory, "ssh_config");
  }

  /** Host number `index`, counted from 0. */
  host(index: number): Host {
    const host = this.hosts[index];
    if (!host) throw new RangeError(`testbed: there is no host ${index}`);
    return host;
  }

  /** Changes the round-trip time; connections survive. */
  async setRtt(ms: number): Promise<void> {
    await this.#bed.send("delay", Math.round(ms * 500));
  }

  /** Ends the hosts, all by default, as a power cut does; `reset` brings them back. */
  async powerOff(hosts: readonly Host[] = this.hosts): Promise<void> {
    await this.#bed.send("stop", ...hosts.map(({ name }) => name));
  }

  /** Boots the hosts, all by default, anew from the pristine root; keys stay the same. */
  async reset(hosts: readonly Host[] = this.hosts): Promise<void> {
    await this.powerOff(hosts);
    await this.#boot(hosts);
  }

  /** Removes everything. */
  async down(): Promise<void> {
    // While the network still works, so that peers learn of it rather than wait for ever.
    if (this.#bed.isUp) {
      await this.setRtt(0);
      await this.powerOff();
    }
    await this.#bed.close();
  }

  /** Only for `testbed()`. */
  async up(rttMs: number): Promise<void> {
    await this.#boot(this.hosts);
    const lines = this.hosts.map((host) => `${host.hostKeyLine}\n`);
    await writeFile(this.knownHostsFile, lines.join(""));
    await writeFile(this.sshConfigFile, this.#sshConfig());
    if (rttMs > 0) await this.setRtt(rttMs);
  }

  async #boot(hosts: readonly Host[]): Promise<void> {
    const names = hosts.map(({ name }) => name);
    await this.#bed.send("start", this.init, this.hosts.length, ...names);
    await Promise.all(hosts.map((host) => host.ready(this.init)));
  }

  #sshConfig(): string {
    const names = this.hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
    return `${names.join("")}Host h* ${this.#bed.network}.*
  IdentityFile ${this.keyFile}
  IdentitiesOnly yes
  BatchMode yes
  UserKnownHostsFile ${this.knownHostsFile}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
Host *
  User root
`;
  }
}

/** Brings a test bed up, on a machine that is prepared for it. Should this process die before `down()`, nothing of the bed stays. */
export async function testbed(options: TestbedOptions): Promise<Testbed> {
  const { hosts, rttMs = 0, init = "plain" } = options;
  const reason = testbedUnavailable();
  if (reason) throw new Error(reason);
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > 99)
    throw new RangeError("testbed: hosts is a number from 1 to 99");
  const bed = await BedProcess.start(await ensureBase(), await ensureDelayLine());
  try {
    const result = new Testbed(bed, hosts, init);
    await result.up(rttMs);
    return result;
  } catch (error) {
    await bed.close();
    throw error;
  }
}
