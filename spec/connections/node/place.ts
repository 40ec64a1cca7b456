/** A consfig whose modules this process has loaded, and sends to the hosts of a test bed. */
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import "../../../connections/as/index.js";
import "../../../connections/local/index.js";
import { ssh } from "../../../connections/ssh/index.js";
import {
  type Chain,
  type DeploymentEvent,
  type DeploymentOptions,
  type DeploymentReport,
  deploy,
  type Host,
  isHost,
  unsealDefinitions,
} from "../../../engine/index.js";
import { bundle } from "../../../engine/modules/bundle.js";
import { loadModules } from "../../../engine/modules/load.js";
import { ModulesDirectory } from "../../../engine/modules/modulesDirectory.js";
import { setModules } from "../../../engine/modules/requirements.js";
import { aroundUs } from "../../../engine/modules/running.js";
import { keepModules } from "../../../engine/modules/store.js";
import { type Init, type Testbed, testbed } from "../../testbed/index.js";

/** What a deployment told. */
export interface Told {
  readonly report: DeploymentReport;
  readonly events: readonly DeploymentEvent[];
  /** What was informed of with `-v`. */
  readonly informed: readonly string[];
  /** Of it, what properties informed of. */
  readonly said: readonly string[];
}

/** Where the image's files are, below a home. */
export const cache = ".cache/consfigurator";

/** Hosts, and a consfig for them. */
export class Place {
  readonly bed: Testbed;
  readonly directory = mkdtempSync(path.join(tmpdir(), "node-"));

  private constructor(bed: Testbed) {
    this.bed = bed;
  }

  static async open(hosts = 1, init: Init = "plain"): Promise<Place> {
    return new Place(await testbed({ hosts, init }));
  }

  async close(): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
    await this.bed.down();
  }

  ssh(user = "root", index = 0) {
    return ssh({ host: this.bed.host(index).name, user, configFile: this.bed.sshConfigFile });
  }

  /** The consfig's hosts, in a process that has loaded it as the command does. */
  async load(text: string): Promise<Readonly<Record<string, Host>>> {
    const file = path.join(this.directory, "consfig.ts");
    writeFileSync(file, text);
    const set = await bundle(file, path.join(this.directory, "cache"));
    const kept = path.join(this.directory, "modules");
    keepModules(kept, set.files);
    unsealDefinitions();
    const { exports } = loadModules(new ModulesDirectory(kept), set.id, await aroundUs(set));
    setModules(async () => set);
    return Object.fromEntries(
      Object.entries(exports).filter((one): one is [string, Host] => isHost(one[1])),
    );
  }

  /** Another text of the same consfig: what hosts are sent from now on. */
  async change(text: string): Promise<void> {
    const file = path.join(this.directory, "consfig.ts");
    writeFileSync(file, text);
    setModules(() => bundle(file, path.join(this.directory, "cache")));
  }

  /** The Node of this process is the host's own, as a package would install it. */
  installNode(index = 0, as = "usr/bin/node"): void {
    const target = path.join(this.bed.host(index).root, as);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(process.execPath, target);
    chmodSync(target, 0o755);
  }

  /** A program in the place of Node: shell text. */
  installStandIn(text: string, index = 0, as = "usr/bin/node"): void {
    const target = path.join(this.bed.host(index).root, as);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
}

/** Deploys, and gathers what was told. */
export async function told(
  chain: Chain,
  host: Host | undefined,
  options: DeploymentOptions = {},
): Promise<Told> {
  assert.ok(host);
  const events: DeploymentEvent[] = [];
  const listener = (event: DeploymentEvent) => {
    events.push(event);
    options.listener?.(event);
  };
  const report = await deploy<Chain>(chain, host, [], { ...options, listener });
  const informed = events.flatMap((event) =>
    event.type === "inform" && event.level === 1 ? [event.text] : [],
  );
  const said = informed.slice(informed.findIndex((text) => isOfModules.test(text)) + 1);
  return { report, events, informed, said };
}

const isOfModules = /^sent \d+ bytes of modules/;

/** How many bytes of modules were sent, as the person is told. */
export function bytesSent({ informed }: Told): number {
  const [line = ""] = informed.filter((text) => isOfModules.test(text));
  return Number(/\d+/.exec(line)?.[0] ?? Number.NaN);
}
