/**
 * Node images: how long one takes from its first byte until its first property, taken apart; and 100
 * properties with nothing to do, beside plain `ssh`, the floor of one `ssh host sh -s`, and Ansible with
 * pipelining where that is installed.
 */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import "../connections/as/index.js";
import { node } from "../connections/node/index.js";
import { ssh } from "../connections/ssh/index.js";
import { type Chain, deployHost, type Host, isHost, quote } from "../engine/index.js";
import { bundle } from "../engine/modules/bundle.js";
import { loadModules } from "../engine/modules/load.js";
import type { ModuleSet } from "../engine/modules/moduleSet.js";
import { ModulesDirectory } from "../engine/modules/modulesDirectory.js";
import { setModules } from "../engine/modules/requirements.js";
import { aroundUs } from "../engine/modules/running.js";
import { keepModules, modulePath } from "../engine/modules/store.js";
import { type Testbed, testbed } from "../spec/testbed/index.js";
import { requiredFlags } from "../zygote/index.js";
import { median, medians, type Row } from "./figures.js";
import { ansibleRun, hasAnsible, prepareForAnsible } from "./peers/ansible.js";
import { playbook } from "./peers/playbook.js";

const runs = 7;
const count = 100;

const consfig = `
import { host } from "consfigurator";
import * as file from "consfigurator/properties/file";
const range = Array.from({ length: ${count} }, (_, i) => i);
export const bench = host("bench", {},
  ...range.map((i) => file.hasContent(\`/srv/c\${i}\`, [\`content of \${i}\`])));
`;

/** The parts of a start, then the figures at each round-trip time; all in milliseconds. */
export async function image(): Promise<readonly Row[]> {
  const bed = await testbed({ hosts: 1 });
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    const program = path.join(bed.host(0).root, "usr/bin/node");
    copyFileSync(process.execPath, program);
    chmodSync(program, 0o755);
    const file = path.join(directory, "consfig.ts");
    writeFileSync(file, consfig);
    const set = await bundle(file, path.join(directory, "cache"));
    const modules = path.join(directory, "modules");
    keepModules(modules, set.files);
    const { exports } = loadModules(new ModulesDirectory(modules), set.id, await aroundUs(set));
    setModules(async () => set);
    if (!isHost(exports.bench)) throw new Error("the consfig has no host");
    if (hasAnsible()) await prepareForAnsible(bed.hosts);
    const rows = [...(await start(set, modules))];
    for (const rttMs of [0, 20, 50]) {
      rows.push(...(await deployments(bed, exports.bench, rttMs, directory)));
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
    await bed.down();
  }
}

/** A process that tells when it has come to each point. */
async function start(set: ModuleSet, directory: string): Promise<readonly Row[]> {
  const [loader, from, id] = [modulePath(directory, set.loader), directory, set.id].map((text) =>
    JSON.stringify(text),
  );
  const program = `
    const { writeSync } = require("node:fs");
    const tell = (what) => writeSync(1, what + "\\n");
    tell("Node has started");
    const { loadModules, ModulesDirectory } = require(${loader}); const source = new ModulesDirectory(${from}); const loaded = loadModules(source, ${id});
    const zygote = loaded.require("consfigurator/zygote/index.js");
    tell("modules are loaded");
    zygote.startZygote({ probed: "whenAsked" }).then(async (one) => {
      tell("zygote is forked");
      await zygote.evalInGrandchild(null, { form: "zygote.echo", args: [1] });
      tell("first grandchild, with the probe");
      source.keepCode();
      process.exit();
    });`;
  const times: Record<string, number[]> = {};
  for (let run = 0; run <= runs; run++) {
    const begun = performance.now();
    let last = begun;
    const child = spawn(process.execPath, [...requiredFlags, "-e", program], { stdio: "pipe" });
    for await (const bytes of child.stdout) {
      for (const what of String(bytes).trim().split("\n")) {
        const now = performance.now();
        if (run > 0) times[what] = [...(times[what] ?? []), now - last];
        last = now;
      }
    }
  }
  return Object.entries(times).map(([way, all]) => ({
    rttMs: "",
    way: `start: ${way}`,
    ms: median(all),
    timesTheFloor: "",
    roundTripsAfterHandshake: "",
  }));
}

async function deployments(
  bed: Testbed,
  host: Host,
  rttMs: number,
  directory: string,
): Promise<readonly Row[]> {
  await bed.setRtt(rttMs);
  const hops = [ssh({ host: bed.host(0).name, user: "root", configFile: bed.sshConfigFile })];
  const trips: Record<string, number> = {};
  const deployed = (name: string, chain: Chain) => async () => {
    const report = await deployHost({ ...host, deploy: chain });
    if (report.error) throw report.error;
    trips[name] = report.traffic?.roundTrips ?? Number.NaN;
  };
  const ways = { shell: "over ssh", image: "over ssh → node" };
  const times = await medians(runs, {
    "one ssh with a script (the floor)": () => floor(bed),
    [ways.shell]: deployed(ways.shell, hops),
    [ways.image]: deployed(ways.image, [...hops, node()]),
  });
  if (hasAnsible() && rttMs === 20) {
    const tasks = Array.from({ length: count }, (_, i) => ({
      "ansible.builtin.copy": { dest: `/srv/c${i}`, content: `content of ${i}\n` },
    }));
    const own = path.join(directory, "ansible");
    const run = ansibleRun(bed, bed.hosts, own, playbook(tasks));
    // It takes a minute: once to make sure, and once to measure.
    Object.assign(times, await medians(1, { "Ansible, pipelining": run }));
  }
  const floorMs = Object.values(times)[0] ?? Number.NaN;
  return Object.entries(times).map(([way, ms]) => ({
    rttMs,
    way,
    ms,
    timesTheFloor: ms / floorMs,
    roundTripsAfterHandshake: trips[way] ?? "",
  }));
}

function floor(bed: Testbed): void {
  const checks = Array.from(
    { length: count },
    (_, i) => `[ "$(cat /srv/c${i})" = ${quote(`content of ${i}`)} ] || exit 1`,
  );
  const target = `root@${bed.host(0).name}`;
  // The first run is not counted: the files are not there yet.
  try {
    execFileSync("ssh", ["-F", bed.sshConfigFile, target, "sh -s"], { input: checks.join("\n") });
  } catch {
    // Told by the next ones, which are as slow.
  }
}
