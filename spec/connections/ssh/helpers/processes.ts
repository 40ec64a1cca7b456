import { execFileSync } from "node:child_process";

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export function processes(): ProcessRow[] {
  const output = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return output
    .trim()
    .split("\n")
    .map((row) => {
      const [pid, parent, ...words] = row.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), command: words.join(" ") };
    });
}

/** The processes below a process, itself not counted. */
export function descendants(pid: number): number[] {
  const rows = processes();
  const below = (parent: number): number[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row.pid, ...below(row.pid)]);
  return below(pid);
}

export function commandsBelow(pid: number): string[] {
  const wanted = new Set(descendants(pid));
  return processes()
    .filter((row) => wanted.has(row.pid))
    .map((row) => row.command);
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}
