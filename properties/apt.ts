/** Packages of Debian and its derivatives, and where they come from. */
export { type Answer, preseeded, reconfigured } from "./apt/debconf.js";
export {
  allConfigured,
  autoremoved,
  cacheCleaned,
  type UpdateOptions,
  updated,
  upgraded,
} from "./apt/lists.js";
export {
  mirrors,
  mirrorsAttr,
  securityMirrors,
  securityMirrorsAttr,
  standardSources,
  usesParentMirrors,
} from "./apt/mirrors.js";
export {
  hasVersion,
  held,
  installed,
  installedFromBackports,
  installedMinimally,
  purged,
  removed,
  serviceInstalledRunning,
} from "./apt/packages.js";
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
} from "./apt/settings.js";
export { additionalSource, type Source } from "./apt/sources.js";
