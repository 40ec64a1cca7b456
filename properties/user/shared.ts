/** What other domains make their properties of. */
export {
  accountName,
  asAccount,
  assertAs,
  entryOf,
  homeIfAny,
  homeOf,
  idNumber,
} from "./entries.js";
