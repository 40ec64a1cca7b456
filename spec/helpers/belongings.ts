/** What a process has, for specs that look whether something is left behind. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What this process's descriptors lead to. */
export function descriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      // Numbers of pipes and sockets differ from run to run; what counts is how many there are.
      const kind = target.replace(/\[\d+\]/, "");
      return kind.startsWith("/proc/") ? [] : [kind];
    } catch {
      return []; // the descriptor of this very listing
    }
  });
}

/** The mounts of this machine at or below the directory. */
export function mountsIn(directory: string): string[] {
  const escaped = directory.replaceAll(" ", "\\040");
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((target) => target === escaped || target.startsWith(`${escaped}/`));
}

/** What is in the later list more often than in the earlier one. */
export function added(earlier: readonly string[], later: readonly string[]): string[] {
  const rest = [...earlier];
  return later.filter((one) => {
    const index = rest.indexOf(one);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}
