/**
 * After every spec file nothing of it is left: no descriptor, process, mount or temporary name. A
 * spec that passes and leaks has failed. Loaded into each test process before its spec.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { added, descriptors, mountsIn } from "./belongings.js";

const patienceMs = 5000;
const mark = `CONFSIG_SPEC=${randomUUID()}`;

/** Processes that inherited this process's environment: its descendants, adopted ones too. */
function descendants(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")}`];
      } catch {
        return []; // ended meanwhile, or not ours to look into
      }
    });
}

/** Temporary names in this spec's own directory, and those that sessions make. */
function temporaryNames(directory: string): string[] {
  const sessions = readdirSync("/tmp").filter((name) => name.startsWith(".consfig-"));
  return [
    ...readdirSync(directory).map((name) => `${directory}/${name}`),
    ...sessions.map((name) => `/tmp/${name}`),
  ];
}

function mounts(): string[] {
  const table = readFileSync("/proc/self/mountinfo", "utf8");
  return table.split("\n").map((line) => line.split(" ").slice(3, 6).join(" "));
}

if (process.platform === "linux" && process.env.NODE_TEST_CONTEXT !== undefined) {
  const [key, value] = mark.split("=") as [string, string];
  process.env[key] = value;
  // A directory of its own, with a short name, since sockets are made below it.
  const directory = mkdtempSync(path.join(os.tmpdir(), "cs-"));
  process.env.TMPDIR = directory;
  const before = {
    mounts: mounts(),
    names: temporaryNames(directory),
    descriptors: descriptors(),
  };
  const left = () => [
    ...descendants().map((process) => `process ${process}`),
    ...added(before.descriptors, descriptors()).map((target) => `descriptor ${target}`),
    ...added(before.names, temporaryNames(directory)).map((name) => `temporary name ${name}`),
    ...added(before.mounts, mounts()).map((mount) => `mount ${mount}`),
  ];
  // The spec's own clean-up has run when nothing is left to wait for.
  process.once("beforeExit", async () => {
    const end = Date.now() + patienceMs;
    while (left().length > 0 && Date.now() < end) await sleep(50);
    const leaks = left();
    // What is still mounted there may be the machine's own.
    if (mountsIn(directory).length === 0) rmSync(directory, { recursive: true, force: true });
    if (leaks.length === 0) return;
    console.error(`the spec leaves something behind:\n  ${leaks.join("\n  ")}`);
    process.exitCode = 1;
  });
  after(() => {
    const stuck = setTimeout(() => {
      console.error(`the spec does not end:\n  ${process.getActiveResourcesInfo().join("\n  ")}`);
      process.exit(1);
    }, 3 * patienceMs);
    stuck.unref();
  });
}
