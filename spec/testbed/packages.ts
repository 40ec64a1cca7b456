import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, ensureBase } from "./base.js";
import type { Host } from "./host.js";
import { mustRun } from "./run.js";

function archivesOf(names: readonly string[]): string {
  return join(cacheDirectory(), `archives-${names.join("-")}`);
}

/**
 * Real packages of the machine's release and package sources are here, with what they need beyond the
 * base.
 */
export async function downloadPackages(names: readonly string[]): Promise<void> {
  const archives = archivesOf(names);
  if (existsSync(archives)) return;
  const unfinished = `${archives}.${process.pid}`;
  mkdirSync(join(unfinished, "partial"), { recursive: true });
  // What is missing on a host is downloaded, and the machine's own caches are left alone.
  const settings = {
    "Dir::State::status": join(await ensureBase(), "var/lib/dpkg/status"),
    "Dir::Cache::archives": unfinished,
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    "APT::Sandbox::User": "root",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await mustRun("apt-get", ["-qq", "update"]);
  const words = ["-qq", ...options, "install", "--yes", "--download-only"];
  await mustRun("apt-get", [...words, "--no-install-recommends", ...names]);
  renameSync(unfinished, archives);
}

/**
 * The host, which has no network, can install these packages of the real Debian from its repository:
 * they were downloaded before.
 */
export async function offerPackages(host: Host, ...names: readonly string[]): Promise<void> {
  const archives = archivesOf(names);
  const target = join(host.root, "opt/repo/debian");
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    cpSync(join(archives, name), join(target, name));
  }
  const { stderr, code } = await host.shell(`set -e; cd /opt/repo
for deb in ./debian/*.deb; do
  dpkg-deb --field $deb
  printf 'Filename: %s\\nSize: %s\\n' $deb $(stat -c %s $deb)
  printf 'SHA256: %s\\n\\n' $(sha256sum <$deb | cut -d' ' -f1)
done >>Packages
apt-get -qq update`);
  if (code !== 0) throw new Error(`testbed: packages cannot be offered: ${stderr}`);
}
