/**
 * Tables of definitions by id, and where a person wrote what is defined: `file:line:column`. Here it is
 * decided that nothing can be defined twice, in a function, or after the consfig has loaded.
 *
 * This room imports nothing but the errors of `core`.
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
