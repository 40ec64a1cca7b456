/** Keys: who may log in to an account, and which hosts an account knows. */
export { authorizedKeys, type KeyOptions } from "./ssh/authorizedKeys.js";
export {
  hasHostKeys,
  hostKeyAttr,
  keysOf,
  knownHost,
  parentIsSystemKnownHost,
  systemKnownHost,
} from "./ssh/knownHosts.js";
export { hasUserKey } from "./ssh/userKey.js";
