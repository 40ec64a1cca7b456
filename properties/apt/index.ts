/** Packages of Debian and its derivatives, and where they come from. */
export { type Answer, preseeded, reconfigured } from "./debconf.js";
export {
  allConfigured,
  autoremoved,
  cacheCleaned,
  type UpdateOptions,
  updated,
  upgraded,
} from "./lists.js";
export {
  mirrors,
  mirrorsAttr,
  securityMirrors,
  securityMirrorsAttr,
  standardSources,
  usesParentMirrors,
} from "./mirrors.js";
export {
  hasVersion,
  held,
  installed,
  installedFromBackports,
  installedMinimally,
  purged,
  removed,
  serviceInstalledRunning,
} from "./packages.js";
export {
  configured,
  noPdiffs,
  periodicUpdates,
  pinned,
  proxy,
  proxyAttr,
  unattendedUpgrades,
  usesLocalCacher,
  usesParentProxy,
} from "./settings.js";
export { additionalSource, type Source } from "./sources.js";
