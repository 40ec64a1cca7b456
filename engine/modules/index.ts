/**
 * The modules of a consfig as files that can be sent, stored and loaded elsewhere.
 *
 * It knows of no host and may import `base` alone. What compiles them is loaded when it is needed.
 */
export { builtinNames } from "./builtins.js";
export {
  alwaysLoaded,
  type Manifest,
  type ModuleFile,
  type ModuleSet,
  ourKey,
} from "./moduleSet.js";
export { isOurs, ownCache } from "./ownCache.js";
export { entryOf, importable, modulesIn, ourFile, ourZodFor } from "./packages.js";
export { doesNotCompile, isBuildFailure, type Problem, problemOf } from "./problem.js";
export { areModulesKnown, moduleRequirements, setModules, useModulesOf } from "./requirements.js";
export { modulePath, pruneModules } from "./store.js";
