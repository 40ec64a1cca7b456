/**
 * A baseline of 50 properties with nothing left to do, over plain `ssh` (a POSIX shell is all there
 * is on the host), beside the floor: one `ssh host sh -s` with a script that makes the same checks by
 * hand. In the library; and as the whole command, with the start of Node and the consfig's bundling.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import "../connections/as.js";
import { ssh } from "../connections/ssh.js";
import { deployThese, host, type Propspec, quote, script } from "../engine/index.js";
import * as apt from "../properties/apt.js";
import * as cmd from "../properties/cmd.js";
import * as file from "../properties/file.js";
import * as os_ from "../properties/os.js";
import * as user from "../properties/user.js";
import { type Testbed, testbed } from "../spec/testbed/index.js";
import { medians, type Row } from "./figures.js";

const runs = 7;
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** Each property, and the same check by hand. */
const items: readonly [props: () => Propspec<"posix">, byHand: string][] = [
  ...range(12).map((i): [() => Propspec<"posix">, string] => [
    () => file.hasContent(`/srv/c${i}`, [`content of ${i}`], { mode: 0o640 }),
    `[ "$(cat /srv/c${i})" = "content of ${i}" ] && [ "$(stat -c %a /srv/c${i})" = 640 ]`,
  ]),
  ...range(8).map((i): [() => Propspec<"posix">, string] => [
    () => file.containsLines(`/srv/l${i}`, "one", "two"),
    `grep -qxF one /srv/l${i} && grep -qxF two /srv/l${i}`,
  ]),
  ...range(6).map((i): [() => Propspec<"posix">, string] => [
    () => file.containsConfEquals(`/srv/s${i}`, { size: "5" }),
    `grep -qx 'size *= *5' /srv/s${i}`,
  ]),
  ...range(4).map((i): [() => Propspec<"posix">, string] => [
    () => file.containsIniSettings(`/srv/i${i}`, ["main", "level", "info"]),
    `grep -qx 'level *= *info' /srv/i${i}`,
  ]),
  ...range(6).map((i): [() => Propspec<"posix">, string] => [
    () => file.directoryExists(`/srv/d${i}`, { mode: 0o750 }),
    `[ "$(stat -c %F:%a /srv/d${i})" = directory:750 ]`,
  ]),
  ...range(6).map((i): [() => Propspec<"posix">, string] => [
    () => file.symlinked(`/srv/k${i}`, `/srv/c${i}`),
    `[ "$(readlink /srv/k${i})" = /srv/c${i} ]`,
  ]),
  ...range(2).map((i): [() => Propspec<"posix">, string] => [
    () => user.hasAccount(`bench${i}`),
    `getent passwd bench${i} >/dev/null`,
  ]),
  ...range(4).map((i): [() => Propspec<"posix">, string] => [
    () => cmd.single(script`touch ${`/srv/g${i}`}`, { creates: `/srv/g${i}` }),
    `[ -e /srv/g${i} ]`,
  ]),
  [
    () => apt.installed("hello-consfig", "sudo", "cron"),
    `[ "$(dpkg-query -W -f '\${Status}.' hello-consfig sudo cron)" = "install ok installed.install ok installed.install ok installed." ]`,
  ],
  [() => apt.removed("webby"), `! dpkg-query -W webby >/dev/null 2>&1`],
];

/** The figures at each round-trip time, in milliseconds. */
export async function baseline(): Promise<readonly Row[]> {
  const bed = await testbed({ hosts: 1 });
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    const consfig = path.join(directory, "consfig.ts");
    writeFileSync(consfig, consfigText(bed));
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
  const input = items.map(([, byHand]) => `${byHand} || { echo ${quote(byHand)}; exit 1; }`);
  const target = `root@${bed.host(0).name}`;
  execFileSync("ssh", ["-F", bed.sshConfigFile, target, "sh -s"], { input: input.join("\n") });
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
  const main = fileURLToPath(new URL("../cli/main.js", import.meta.url));
  execFileSync(process.execPath, [main, "deploy", "--consfig", consfig], { stdio: "pipe" });
}

/** The same properties as a person would write them. */
function consfigText(bed: Testbed): string {
  const source = items.map(([prop]) => prop.toString().replace(/^\(\) => /, ""));
  return `
import { host, script } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import * as apt from "consfigurator/properties/apt";
import * as cmd from "consfigurator/properties/cmd";
import * as file from "consfigurator/properties/file";
import * as os_ from "consfigurator/properties/os";
import * as user from "consfigurator/properties/user";
const range = (count) => Array.from({ length: count }, (_, i) => i + 1);
const hops = [ssh({ user: "root", configFile: ${JSON.stringify(bed.sshConfigFile)} })];
export const machine = host("${bed.host(0).name}", { deploy: hops },
  os_.debianStable("bookworm", "amd64"),
  ${groups(source)}
);
`;
}

/** Runs of the same text, which differ in `i` alone, as one loop each. */
function groups(source: readonly string[]): string {
  const distinct = source.filter((text, i) => source.indexOf(text) === i);
  return distinct
    .map((text) => {
      const count = source.filter((one) => one === text).length;
      return `...range(${count}).map((i) => ${text}),`;
    })
    .join("\n  ");
}
