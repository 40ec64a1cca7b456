/** What other domains make their properties of. */
export { mirrorsAttr } from "./mirrors.js";
export { oneWord, plainPackageName, uri } from "./names.js";
export { installed } from "./packages.js";
export { proxyAttr } from "./settings.js";
