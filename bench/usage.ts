/** What programs cost besides time. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** What a run of a program cost. */
export interface Usage {
  readonly ms: number;
  /** Of the program's own threads, without children. */
  readonly cpuMs: number;
  readonly memoryMiB: number;
  /** Of everything on the machine meanwhile: hosts that are made on it too. */
  readonly machineCpuMs: number;
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
export async function programUsage(program: string, words: readonly string[]): Promise<Usage> {
  const begun = performance.now();
  const before = busyMs();
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const keep = (bytes: Buffer) => {
    printed = (printed + bytes.toString("utf8")).slice(-4000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (exitCode !== 0)
    throw new Error(`${program} ${words.at(0)} ended with ${exitCode}:\n${printed}`);
  const ms = performance.now() - begun;
  return { ms, cpuMs: Number.NaN, memoryMiB: Number.NaN, machineCpuMs: busyMs() - before };
}

/** What all processors have done since the machine was started. */
function busyMs(): number {
  const [, ...ticks] = (/^cpu .*/m.exec(readFileSync("/proc/stat", "utf8"))?.[0] ?? "").split(
    /\s+/,
  );
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = ticks.map(Number);
  return (user + nice + system + irq + softirq) * 10;
}
