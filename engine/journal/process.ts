import { readFileSync } from "node:fs";
import { z } from "zod";

/** Names a process for good: its number alone is given to others after it. */
export const processIdentity = z.strictObject({
  pid: z.int().positive(),
  /** When it was started, in ticks since the machine was; empty where that is not told. */
  start: z.string().max(30),
  /** Which start of the machine that is about; empty where that is not told. */
  boot: z.string().max(60),
});

/** Which process something is about. */
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** Which process this is. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, start: startOf(process.pid) ?? "", boot: boot() };
}

/** Whether the process has not ended. */
export function isAlive({ pid, start, boot: then }: ProcessIdentity): boolean {
  if (start === "") return canBeSignalled(pid);
  return then === boot() && start === startOf(pid);
}

/** Undefined: there is no such process, or only what its parent has not yet asked for. */
function startOf(pid: number): string | undefined {
  const text = contentOf(`/proc/${pid}/stat`);
  // The second field is the program's name, with whatever is in it.
  const [state, ...rest] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === "Z" || state === "X" ? undefined : rest[18];
}

function boot(): string {
  return contentOf("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined; // no such process, or a system without /proc
  }
}

function canBeSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
