/**
 * A baseline of 60 properties with nothing left to do, over plain `ssh` (a POSIX shell is all there
 * is on the host), beside the floor: one `ssh host sh -s` with a script that makes the same checks by
 * hand. In the library; and as the whole command, with the start of Node and the consfig's bundling.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import "../connections/as/index.js";
import { ssh } from "../connections/ssh/index.js";
import { deployThese, host } from "../engine/index.js";
import * as os_ from "../properties/os/index.js";
import { type Testbed, testbed } from "../spec/testbed/index.js";
import { medians, type Row } from "./figures.js";
import { byHand, consfigText, items } from "./items.js";

const runs = 7;

/** The figures at each round-trip time, in milliseconds. */
export async function baseline(): Promise<readonly Row[]> {
  const bed = await testbed({ hosts: 1 });
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    const consfig = path.join(directory, "consfig.ts");
    const hops = `[ssh({ user: "root", configFile: ${JSON.stringify(bed.sshConfigFile)} })]`;
    writeFileSync(
      consfig,
      consfigText([bed.host(0).name], 'import { ssh } from "consfigurator/connections/ssh";', hops),
    );
    await library(bed); // the first run, which makes it so
    const rows: Row[] = [];
    for (const rttMs of [0, 20]) {
      await bed.setRtt(rttMs);
      let roundTrips = 0;
      const times = await medians(runs, {
        "one ssh with a script (the floor)": () => floor(bed),
        "deploy, in the library": async () => {
          roundTrips = await library(bed);
        },
        "consfig deploy, the command": () => command(consfig),
      });
      const floorMs = times["one ssh with a script (the floor)"] ?? Number.NaN;
      for (const [way, ms] of Object.entries(times)) {
        const trips = way.includes("library") ? roundTrips : "";
        rows.push({ rttMs, way, ms, timesTheFloor: ms / floorMs, roundTripsAfterHandshake: trips });
      }
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
    await bed.down();
  }
}

function floor(bed: Testbed): void {
  const target = `root@${bed.host(0).name}`;
  execFileSync("ssh", ["-F", bed.sshConfigFile, target, "sh -s"], { input: byHand });
}

async function library(bed: Testbed): Promise<number> {
  const hops = [ssh({ host: bed.host(0).name, user: "root", configFile: bed.sshConfigFile })];
  const props = items.map(([prop]) => prop());
  const machine = host(bed.host(0).name, os_.debianStable("bookworm", "amd64"));
  const report = await deployThese(hops, machine, props);
  if (report.error) throw report.error;
  return report.traffic?.roundTrips ?? Number.NaN;
}

function command(consfig: string): void {
  const main = fileURLToPath(new URL("../joined/cli/main.js", import.meta.url));
  execFileSync(process.execPath, [main, "deploy", "--consfig", consfig], { stdio: "pipe" });
}
