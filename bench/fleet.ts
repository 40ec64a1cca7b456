/**
 * 20 hosts with a baseline of 60 properties, beside the floor: `xargs -P` with one `ssh` a host and a
 * script that makes the same checks by hand; and beside Ansible, alone and with Mitogen, where they
 * are installed. The hosts share this machine's processors with us.
 *
 * The columns: processor time is the root process' own, and that of it, its children and the hosts,
 * both for each host; memory is that of the root process, of other programs with their children.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Testbed, testbed } from "../spec/testbed/index.js";
import { median, type Row } from "./figures.js";
import { byHand, consfigText } from "./items.js";
import { ansibleRun, findMitogen, hasAnsible, prepareForAnsible } from "./peers/ansible.js";
import { baselinePlaybook } from "./peers/playbook.js";
import { nodeUsage, programUsage, type Usage } from "./usage.js";

const count = 20;
const runs = 5;
const main = fileURLToPath(new URL("../joined/cli/main.js", import.meta.url));

/** First runs and runs with nothing to do, at each round-trip time. */
export async function fleet(): Promise<readonly Row[]> {
  const bed = await testbed({ hosts: count });
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    const ways = waysTo(bed, directory);
    const rows: Row[] = [];
    const floors = new Map<number, number>();
    for (const rttMs of [0, 20]) {
      for (const [way, run] of Object.entries(ways)) {
        if (way === floorName) continue;
        await bed.setRtt(0);
        await bed.reset();
        bringNode(bed);
        await bed.setRtt(rttMs);
        rows.push(rowOf(rttMs, `first run: ${way}`, [await run()], Number.NaN));
      }
      const usages: Record<string, Usage[]> = {};
      for (let number = 0; number <= runs; number++) {
        for (const [way, run] of Object.entries(ways)) {
          const usage = await run();
          if (number > 0) usages[way] = [...(usages[way] ?? []), usage];
        }
      }
      const floorMs = median((usages[floorName] ?? []).map(({ ms }) => ms));
      floors.set(rttMs, floorMs);
      for (const [way, all] of Object.entries(usages)) rows.push(rowOf(rttMs, way, all, floorMs));
    }
    return [...rows, ...(hasAnsible() ? await peers(bed, directory, floors) : [])];
  } finally {
    rmSync(directory, { recursive: true });
    await bed.down();
  }
}

/** Once each: they take their time. What is there by then makes no difference between them. */
async function peers(
  bed: Testbed,
  directory: string,
  floors: ReadonlyMap<number, number>,
): Promise<readonly Row[]> {
  await bed.setRtt(0);
  await bed.reset();
  await prepareForAnsible(bed.hosts);
  const run = (name: string, mitogen?: string) =>
    ansibleRun(bed, bed.hosts, path.join(directory, name), baselinePlaybook, mitogen);
  const mitogen = findMitogen();
  const ways = {
    "Ansible, pipelining": run("ansible"),
    ...(mitogen === undefined ? {} : { "Ansible, Mitogen": run("mitogen", mitogen) }),
  };
  const first = await ways["Ansible, pipelining"]();
  const rows = [rowOf(0, "first run: Ansible, pipelining", [first], Number.NaN)];
  for (const [rttMs, floorMs] of floors) {
    await bed.setRtt(rttMs);
    for (const [way, once] of Object.entries(ways)) {
      rows.push(rowOf(rttMs, way, [await once()], floorMs));
    }
  }
  return rows;
}

const floorName = "xargs -P 20 ssh with a script";

function waysTo(bed: Testbed, directory: string): Record<string, () => Promise<Usage>> {
  const names = bed.hosts.map(({ name }) => name);
  const script = path.join(directory, "script");
  const list = path.join(directory, "hosts");
  writeFileSync(script, byHand);
  writeFileSync(list, names.join("\n"));
  const ssh = `ssh({ user: "root", configFile: ${JSON.stringify(bed.sshConfigFile)} })`;
  const deploy = (hops: string) => {
    const file = path.join(directory, `consfig${hops.length}.ts`);
    const imports = [
      'import { ssh } from "consfigurator/connections/ssh";',
      'import { node } from "consfigurator/connections/node";',
    ];
    writeFileSync(file, consfigText(names, imports.join("\n"), hops));
    return () => nodeUsage([main, "deploy", "--consfig", file]);
  };
  const one = `ssh -F ${bed.sshConfigFile} root@{} sh -s <${script}`;
  return {
    [floorName]: () =>
      programUsage("xargs", ["-a", list, "-P", String(count), "-I", "{}", "sh", "-c", one]),
    "consfig, ssh": deploy(`[${ssh}]`),
    "consfig, ssh → node": deploy(`[${ssh}, node()]`),
  };
}

function bringNode(bed: Testbed): void {
  for (const { root } of bed.hosts) {
    const program = path.join(root, "usr/bin/node");
    copyFileSync(process.execPath, program);
    chmodSync(program, 0o755);
  }
}

function rowOf(rttMs: number, way: string, usages: readonly Usage[], floorMs: number): Row {
  const middle = (key: keyof Usage) => median(usages.map((usage) => usage[key]));
  return {
    rttMs,
    way,
    ms: middle("ms"),
    "× floor": middle("ms") / floorMs,
    "CPU ms a host": middle("cpuMs") / count,
    "… with the host's": middle("totalCpuMs") / count,
    MiB: middle("memoryMiB"),
  };
}
