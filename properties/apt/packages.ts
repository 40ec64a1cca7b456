import { z } from "zod";
import { type Finding, InapplicableProperty, posixProperty, propList, sh } from "../../engine/index.js";
import * as os from "../os.js";
import { running, serviceName } from "../service.js";
import { changePackages, install, runApt } from "./aptGet.js";
import { packagesOf, type Packages } from "./dpkg.js";
import { packageName, packageVersion, plainPackageName } from "./names.js";

const packageNames = z.tuple([packageName], packageName);

/** Whether all of the packages are installed for their own sake, or none is installed. */
function findInstalled(packages: Packages, names: readonly string[]): Finding {
  const there = names.filter((name) => packages.isInstalled(name));
  if (there.length === 0) return false;
  const isAll = there.length === names.length && !names.some((name) => packages.isAutomatic(name));
  return isAll || "partly";
}

/**
 * The packages are installed. Unapplied: they are removed, their configuration kept.
 *
 * A virtual package is installed when one that provides it is. What is installed is not upgraded;
 * what was installed for another's sake counts as wanted from then on.
 *
 * @example apt.installed("nginx", "libc6:i386")
 */
export const installed = posixProperty<[...packages: string[]]>("apt.installed", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} installed`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: async (host, ...names) => findInstalled(await packagesOf(host, names), names),
  apply: (host, ...names) => installMissing(host, names, []),
  unapply: (host, ...names) => changePackages(host, sh`remove -- ${names}`),
});

/** Like {@link installed}, and what they only recommend is not installed with them. */
export const installedMinimally = posixProperty<[...packages: string[]]>("apt.installedMinimally", {
  args: packageNames,
  desc: (...names) => `${names.join(", ")} installed without what they recommend`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: async (host, ...names) => findInstalled(await packagesOf(host, names), names),
  apply: (host, ...names) => installMissing(host, names, ["--no-install-recommends"]),
  unapply: (host, ...names) => changePackages(host, sh`remove -- ${names}`),
});
