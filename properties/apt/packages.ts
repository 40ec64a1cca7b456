import { z } from "zod";
import {
  type Finding,
  type Outcome,
  type PosixHost,
  posixProperty,
  propList,
  sh,
  type Words,
} from "../../engine/index.js";
import * as os from "../os/index.js";
import { running, serviceName } from "../service/index.js";
import { changePackages, install, runApt } from "./aptGet.js";
import { type Packages, packagesOf } from "./dpkg.js";
import { packageName, packageVersion, plainPackageName } from "./names.js";

const packageNames = z.tuple([packageName], packageName);

/**
 * The packages are installed. Unapplied: they are removed, their configuration kept.
 *
 * A virtual package is installed when one that provides it is. What is installed is not upgraded;
 * what was installed for another's sake is kept for its own from then on.
 *
 * @example apt.installed("nginx", "libc6:i386")
 */
export const installed = posixProperty<[...packages: string[]]>("apt.installed", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} installed`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: async (host, ...names) => findInstalled(await packagesOf(host, names), names),
  apply: (host, ...names) => installMissing(host, names),
  unapply: (host, ...names) => remove(host, names),
});

/** Like {@link installed}, and what they merely recommend is not installed with them. */
export const installedMinimally = posixProperty<[...packages: string[]]>("apt.installedMinimally", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} installed without what they recommend`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: async (host, ...names) => findInstalled(await packagesOf(host, names), names),
  apply: (host, ...names) => installMissing(host, names, ["--no-install-recommends"]),
  unapply: (host, ...names) => remove(host, names),
});

/**
 * The packages are installed in versions from the backports of the host's release, as is what they
 * depend on where it has to be. Unapplied: they are removed, their configuration kept.
 */
export const installedFromBackports = posixProperty<[...packages: string[]]>(
  "apt.installedFromBackports",
  {
    args: packageNames,
    desc: (...names) => `${names.join(", ")} installed from backports`,
    hostattrs: (attrs) => attrs.require(os.a("debianStable")),
    async check(host, ...names) {
      const packages = await packagesOf(host, names);
      const isBackport = (name: string) => packages.of(name)?.version.includes("~bpo");
      const found = findInstalled(packages, names);
      return found === true && !names.every(isBackport) ? "partly" : found;
    },
    apply(host, ...names) {
      const suite = `${os.osOf(host.attrs)?.suite}-backports`;
      return install(host, names, ["--target-release", suite]);
    },
    unapply: (host, ...names) => remove(host, names),
  },
);

/**
 * The package is installed in exactly that version, an older one if need be. Unapplied: it is
 * removed, its configuration kept. For it to stay so when others are upgraded, say {@link held}.
 */
export const hasVersion = posixProperty<[name: string, version: string]>("apt.hasVersion", {
  args: z.tuple([packageName, packageVersion]),
  desc: (name, version) => `${name} ${version} installed`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  async check(host, name, version) {
    const packages = await packagesOf(host, [name]);
    const found = findInstalled(packages, [name]);
    return found === true && packages.of(name)?.version !== version ? "partly" : found;
  },
  async apply(host, name, version) {
    const options = ["--allow-downgrades", "--allow-change-held-packages"];
    const outcome = await install(host, [`${name}=${version}`], options);
    return outcome === "changed" ? outcome : installMissing(host, [name]);
  },
  unapply: (host, name) => remove(host, [name]),
});

/** None of the packages is installed. Their configuration is kept. */
export const removed = posixProperty<[...packages: string[]]>("apt.removed", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} removed`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  async check(host, ...names) {
    const packages = await packagesOf(host, names);
    return names.every((name) => !packages.isThere(name));
  },
  apply: (host, ...names) => remove(host, names),
});

/** Nothing is left of the packages, their configuration included. */
export const purged = posixProperty<[...packages: string[]]>("apt.purged", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} purged`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  async check(host, ...names) {
    const packages = await packagesOf(host, names);
    return names.every((name) => !packages.isKnown(name));
  },
  apply: async (host, ...names) => {
    const packages = await packagesOf(host, names);
    const known = names.filter((name) => packages.isKnown(name));
    return changePackages(host, sh`purge -- ${known}`);
  },
});

/** The packages are not upgraded, removed or installed by the way. Unapplied: they may be. */
export const held = posixProperty<[...packages: string[]]>("apt.held", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} held`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  async check(host, ...names) {
    const packages = await packagesOf(host, names);
    const count = names.filter((name) => packages.of(name)?.want === "hold").length;
    return count === names.length || (count > 0 && "partly");
  },
  async apply(host, ...names) {
    await runApt(host, sh`apt-mark hold -- ${names}`);
    return "changed";
  },
  async unapply(host, ...names) {
    await runApt(host, sh`apt-mark unhold -- ${names}`);
    return "changed";
  },
});

/**
 * The package is installed and its service, which may have another name, runs. Unapplied: it does
 * not, and the package is removed.
 */
export const serviceInstalledRunning = propList("apt.serviceInstalledRunning", {
  args: z.tuple([plainPackageName, serviceName.exactOptional()]),
  desc: (name, service = name) => `${name} installed and ${service} running`,
  props: (...[name, service = name]: [name: string, service?: string]) => [
    installed(name),
    running(service),
  ],
});

/** Whether all of the packages are installed for their own sake, or none is installed. */
function findInstalled(packages: Packages, names: readonly string[]): Finding {
  const there = names.filter((name) => packages.isInstalled(name));
  const isAll = there.length === names.length && !there.some((name) => packages.isAutomatic(name));
  return isAll || (there.length > 0 && "partly");
}

async function installMissing(
  host: PosixHost,
  names: readonly string[],
  options: Words = [],
): Promise<Outcome> {
  const packages = await packagesOf(host, names);
  const there = names.filter((name) => packages.isInstalled(name));
  const missing = names.filter((name) => !there.includes(name));
  const automatic = there.filter((name) => packages.isAutomatic(name));
  if (automatic.length > 0) await runApt(host, sh`apt-mark manual -- ${automatic}`);
  const outcome = missing.length > 0 ? await install(host, missing, options) : "unchanged";
  return automatic.length > 0 ? "changed" : outcome;
}

/** Those of the packages that are installed are removed: apt complains about names it does not know. */
async function remove(host: PosixHost, names: readonly string[]): Promise<Outcome> {
  const packages = await packagesOf(host, names);
  const there = names.filter((name) => packages.isThere(name));
  return there.length > 0 ? changePackages(host, sh`remove -- ${there}`) : "unchanged";
}
