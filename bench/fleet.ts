/**
 * 20 hosts with a baseline of 60 properties, beside the floor: `xargs -P` with one `ssh` a host and a
 * script that makes the same checks by hand. The hosts share this machine's processors with us.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Testbed, testbed } from "../spec/testbed/index.js";
import { median, type Row } from "./figures.js";
import { byHand, consfigText } from "./items.js";
import { nodeUsage, programUsage, type Usage } from "./usage.js";

const count = 20;
const runs = 5;
const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));

/** First runs and runs with nothing to do, at each round-trip time. */
export async function fleet(): Promise<readonly Row[]> {
  const bed = await testbed({ hosts: count });
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    const ways = waysTo(bed, directory);
    const rows: Row[] = [];
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
      for (const [way, all] of Object.entries(usages)) rows.push(rowOf(rttMs, way, all, floorMs));
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
    await bed.down();
  }
}

const floorName = "xargs -P 20 ssh with a script (the floor)";

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
    "consfig deploy, over ssh": deploy(`[${ssh}]`),
    "consfig deploy, over ssh → node": deploy(`[${ssh}, node()]`),
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
    timesTheFloor: middle("ms") / floorMs,
    "root process: CPU ms": middle("cpuMs"),
    "MiB at most": middle("memoryMiB"),
    "with hosts: CPU ms": middle("totalCpuMs"),
  };
}
