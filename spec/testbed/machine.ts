import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const netAdmin = 12n;
const sysAdmin = 21n;

/** Why this machine cannot have a test bed; made to be the `skip` of a spec. */
export function testbedUnavailable(): string | undefined {
  if (process.platform !== "linux") return "test bed: needs Linux";
  if (process.getuid?.() !== 0) return "test bed: needs uid 0";
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"));
  const effective = BigInt(`0x${capabilities?.[1] ?? "0"}`);
  for (const needed of [netAdmin, sysAdmin])
    if (((effective >> needed) & 1n) === 0n) return `test bed: lacks capability ${needed}`;
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  if (!/^ID="?debian"?$/m.test(release)) return "test bed: needs Debian for the hosts' packages";
  return undefined;
}

/** Whether there is such a program on this machine. */
export function hasCommand(name: string): boolean {
  const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
