/** Keys: who may log in to an account, and which hosts an account knows. */
export { authorizedKeys, type KeyOptions } from "./authorizedKeys.js";
export {
  hasHostKeys,
  hostKeyAttr,
  keysOf,
  knownHost,
  parentIsSystemKnownHost,
  systemKnownHost,
} from "./knownHosts.js";
export { hasUserKey } from "./userKey.js";
