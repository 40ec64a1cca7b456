/**
 * Commands over the chain `ssh` → `sudo`, one after the other and sent ahead, beside one `ssh` for
 * each command, with and without a shared connection (ControlMaster).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ssh } from "../connections/ssh/index.js";
import { sudo } from "../connections/sudo/index.js";
import { Connection } from "../engine/connect/connection.js";
import { testbed } from "../spec/testbed/index.js";
import { medians, type Row } from "./figures.js";

const commands = 100;
const sshCommands = 5;
const runs = 5;

/** The figures at each round-trip time, in milliseconds. */
export async function chain(): Promise<readonly Row[]> {
  const bed = await testbed({ hosts: 1 });
  const sockets = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  const rows: Row[] = [];
  try {
    for (const rttMs of [0, 20]) {
      await bed.setRtt(rttMs);
      const host = bed.host(0);
      const hops = [ssh({ host: host.name, user: "admin", configFile: bed.sshConfigFile }), sudo()];
      const connection = await Connection.open(hops, {
        hostname: host.name,
        report: () => {},
        data: () => Promise.reject(new Error("no data here")),
      });
      const { shell } = connection;
      const exec = (looks: boolean) => shell.exec(["true"], { looks });
      const oneByOne = async (looks: boolean) => {
        for (let i = 0; i < commands; i++) await exec(looks);
      };
      const trips: Record<string, number> = {};
      const counted = (name: string, work: () => Promise<unknown>) => async () => {
        const before = shell.statistics.roundTrips;
        await work();
        trips[name] = (shell.statistics.roundTrips - before) / commands;
      };
      const master = path.join(sockets, `rtt${rttMs}`);
      const sshWords = ["-F", bed.sshConfigFile, `admin@${host.name}`, "sudo -n true"];
      const shared = ["-o", `ControlPath=${master}`];
      const bySsh = (...options: readonly string[]) => {
        for (let i = 0; i < sshCommands; i++) {
          execFileSync("ssh", [...options, ...sshWords], { stdio: "ignore" });
        }
      };
      execFileSync("ssh", ["-M", "-N", "-f", ...shared, ...sshWords.slice(0, 3)], {
        stdio: "ignore",
      });
      const times = await medians(runs, {
        "look, one by one": counted("look, one by one", () => oneByOne(true)),
        "change, one by one": counted("change, one by one", () => oneByOne(false)),
        "look, sent ahead": counted("look, sent ahead", () =>
          Promise.all(Array.from({ length: commands }, () => exec(true))),
        ),
        "ssh, shared connection": () => bySsh(...shared),
        "ssh, a connection each": () => bySsh(),
      });
      execFileSync("ssh", ["-O", "exit", ...shared, ...sshWords.slice(0, 3)], { stdio: "ignore" });
      await connection.close();
      for (const [way, duration] of Object.entries(times)) {
        const count = way.startsWith("ssh") ? sshCommands : commands;
        rows.push({
          rttMs,
          way,
          commandsPerSecond: (count / duration) * 1000,
          msPerCommand: duration / count,
          roundTripsPerCommand: trips[way] ?? "",
        });
      }
    }
  } finally {
    rmSync(sockets, { recursive: true });
    await bed.down();
  }
  return rows;
}
