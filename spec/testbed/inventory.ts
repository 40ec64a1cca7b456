import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const namespaceKinds = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];

function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A file of /proc, which may vanish with its process at any time. */
function glance<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function parentOf(pid: number): number | undefined {
  const stat = glance(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat ? Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) : undefined;
}

function namespacesOf(pid: number): string[] {
  const names = namespaceKinds.map((kind) => glance(() => readlinkSync(`/proc/${pid}/ns/${kind}`)));
  return names.filter((name) => name !== undefined);
}

/** All processes below `pid`, however deep. */
export function descendants(pid: number): number[] {
  const parents = new Map(processes().map((child) => [child, parentOf(child)]));
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child);
    return parent !== undefined && (parent === pid || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** The namespaces which the processes below `pid` have and it has not. */
export function namespacesBelow(pid: number): Set<string> {
  const found = new Set(descendants(pid).flatMap(namespacesOf));
  for (const own of namespacesOf(pid)) found.delete(own);
  return found;
}

/** Beds of other processes may come and go: what belongs to the one in question was seen before. */
export interface Traces {
  readonly namespaces: ReadonlySet<string>;
  readonly directory: string;
  readonly network: string;
}

function cgroupsOf({ directory }: Traces): string[] {
  const id = directory.slice(directory.lastIndexOf("/") + 1);
  const tops = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].filter((top) => existsSync(top));
  return tops.flatMap((top) => readdirSync(top)).filter((name) => name.startsWith(id));
}

/** What is left of a bed, in words. */
export function leftovers(traces: Traces): string[] {
  const inside = (pid: number) => namespacesOf(pid).some((name) => traces.namespaces.has(name));
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const addresses = Object.entries(networkInterfaces()).filter(([, list]) =>
    list?.some(({ address }) => address.startsWith(`${traces.network}.`)),
  );
  return [
    ...processes()
      .filter(inside)
      .map((pid) => `process ${pid}`),
    ...mounts.filter((mount) => mount.includes(traces.directory)),
    ...addresses.map(([name]) => `link ${name}`),
    ...cgroupsOf(traces).map((name) => `cgroup ${name}`),
    ...(existsSync(traces.directory) ? [`directory ${traces.directory}`] : []),
  ];
}

/** `leftovers` once there are none any more, or after some seconds. */
export async function leftoversInTheEnd(traces: Traces): Promise<string[]> {
  const limit = Date.now() + 5000;
  while (leftovers(traces).length > 0 && Date.now() < limit) await sleep(50);
  return leftovers(traces);
}
