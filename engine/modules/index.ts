/**
 * The consfig's modules as files that can be sent, kept and loaded elsewhere: how they are bundled, known by
 * their hashes, kept in a directory, and loaded. The compiler is loaded only when it is needed.
 *
 * This room knows of no host, and may import `base` alone.
 */
export { builtinNames } from "./builtins.js";
export {
  alwaysLoaded,
  type Manifest,
  type ModuleFile,
  type ModuleSet,
  ourKey,
} from "./moduleSet.js";
export type { KeptModules } from "./modulesDirectory.js";
export { ownCache } from "./ownCache.js";
export { entryOf, importable, modulesIn, ourFile, ourZodFor } from "./packages.js";
export { doesNotCompile, isBuildFailure, type Problem, problemOf } from "./problem.js";
export { areModulesKnown, moduleRequirements, setModules, useModulesOf } from "./requirements.js";
