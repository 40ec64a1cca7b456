/**
 * Tables of definitions by id, and where people wrote what they define: `file:line:column`.
 *
 * It imports nothing but errors, which are beside it.
 */
export { besideCaller, isOutside, located, whereCalled } from "./location.js";
export {
  areModulesChecked,
  type Registry,
  registry,
  sealDefinitions,
  sealForGood,
  trustModules,
  unsealDefinitions,
} from "./registry.js";
