/** What a Node that has nothing else is given first: it can load module files from a directory. */

export { completeArrays } from "./arrays.js";
export { InlineModules } from "./inlineModules.js";
export { loadModules } from "./load.js";
export { ModulesDirectory } from "./modulesDirectory.js";
