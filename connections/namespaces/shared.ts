/**
 * Entering namespaces, mounts and accounts: what several types of hop are made of. It is no hop itself.
 */
export { containerHop, containerName, type EnterOptions, enterOptions } from "./container.js";
export { besideLeader, joining } from "./leader.js";
export { asHop, logIn, lookUpLogin, lookUpSuperuser, needUid0 } from "./login.js";
export { makeMounts, makesMounts, type Shares, shares } from "./mountSet.js";
export { findsPrograms, paths } from "./searchPath.js";
