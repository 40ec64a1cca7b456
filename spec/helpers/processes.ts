/** What runs on this machine, for specs. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** One process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly command: string;
}

/** Every process, zombies left out. */
export function processes(): Process[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => look(Number(pid)) ?? []);
}

function look(pid: number): Process | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return undefined;
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { pid, parent: Number(parent), group: Number(group), command: command.trimEnd() };
  } catch {
    return undefined; // it has ended
  }
}

/** The process and all that descend from it. */
export function family(root: number): Process[] {
  const all = processes();
  const members = all.filter(({ pid }) => pid === root);
  for (const member of members) {
    members.push(...all.filter(({ parent }) => parent === member.pid));
  }
  return members;
}

/** The processes that descend from the process. */
export function descendants(root: number): Process[] {
  return family(root).filter(({ pid }) => pid !== root);
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}

export function isAlive(pid: number): boolean {
  return look(pid) !== undefined;
}

/** Waits until it holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 5000,
): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await holds()); await sleep(50)) {
    assert.ok(Date.now() < end, `after ${patienceMs} ms: not ${what}`);
  }
}

/** Waits until the processes have ended. */
export async function gone(pids: readonly number[], patienceMs = 5000): Promise<void> {
  const left = () => pids.flatMap((pid) => look(pid) ?? []);
  await until(() => left().length === 0, "gone", patienceMs).catch(() => {
    assert.deepEqual(left(), [], "still there");
  });
}

/** The number in the file, as soon as there is one. */
export async function pidIn(file: string): Promise<number> {
  const read = () => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
  await until(() => read().endsWith("\n"), `a pid in ${file}`);
  return Number(read());
}

/** Directories of sessions, where stdin is stored. */
export function spools(): string[] {
  return fs.readdirSync("/tmp").filter((name) => name.startsWith(".consfig-"));
}

/** A command that tidies up when it is told to end: it takes half a second to write `tidy`. */
export function tidiesUp(file: string): string {
  const text = `trap "sleep 0.5; echo tidy >${file}.tidy; exit" TERM; echo "$$" >${file}; while :; do sleep 0.1; done`;
  // The shell tells of a child that was ended, which would end itself when nobody reads it any more.
  return `sh -c '${text}' 2>/dev/null`;
}
