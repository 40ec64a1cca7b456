/** What programs cost besides time. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { descendants } from "../spec/testbed/inventory.js";

/** What a run of a program cost. */
export interface Usage {
  readonly ms: number;
  /** Of the program's own threads, without children. */
  readonly cpuMs: number;
  /** At most, of the program with its children. */
  readonly memoryMiB: number;
  /** With its children, and the hosts that are made on this machine. */
  readonly totalCpuMs: number;
}

/** Node runs the words; it has to end well. */
export async function nodeUsage(words: readonly string[]): Promise<Usage> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-usage-"));
  const file = path.join(directory, "usage.json");
  const atExit = `import { writeFileSync } from "node:fs"; process.on("exit", () =>
    writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.resourceUsage())));`;
  try {
    const whole = await programUsage(process.execPath, [
      "--import",
      `data:text/javascript,${encodeURIComponent(atExit)}`,
      ...words,
    ]);
    const own: NodeJS.ResourceUsage = JSON.parse(readFileSync(file, "utf8"));
    const cpuMs = (own.userCPUTime + own.systemCPUTime) / 1000;
    return { ...whole, cpuMs, memoryMiB: own.maxRSS / 1024 };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The program runs with the words; it has to end well. */
export async function programUsage(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Usage> {
  const begun = performance.now();
  const before = usedMs();
  const env = { ...process.env, ...environment };
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env });
  let memoryMiB = 0;
  const sampling = setInterval(() => {
    memoryMiB = Math.max(memoryMiB, memoryOf(child.pid ?? 0));
  }, 250);
  let printed = "";
  const keep = (bytes: Buffer) => {
    printed = (printed + bytes.toString("utf8")).slice(-4000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": what it leaves behind may hold its pipes open.
    child.once("exit", resolve);
  });
  clearInterval(sampling);
  child.stdout.destroy();
  child.stderr.destroy();
  if (exitCode !== 0)
    throw new Error(`${program} ${words.at(0)} ended with ${exitCode}:\n${printed}`);
  const ms = performance.now() - begun;
  return { ms, cpuMs: Number.NaN, memoryMiB, totalCpuMs: usedMs() - before };
}

/** Of the process and all below it, each page counted once. */
function memoryOf(pid: number): number {
  const sizes = [pid, ...descendants(pid)].map((one) => {
    try {
      const rollup = readFileSync(`/proc/${one}/smaps_rollup`, "utf8");
      return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
    } catch {
      return 0; // it has ended
    }
  });
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** What all processes below this one have used so far, and those before them. */
function usedMs(): number {
  const own = fieldsOf(process.pid).slice(2);
  const below = descendants(process.pid).flatMap((pid) => fieldsOf(pid));
  return [...own, ...below].reduce((sum, ticks) => sum + ticks, 0) * 10;
}

/** utime, stime, cutime and cstime, in ticks of a hundredth of a second; none when it has ended. */
function fieldsOf(pid: number): readonly number[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15)
      .map(Number);
  } catch {
    return [];
  }
}
