/** What other domains make their properties of. */
export { architectureName, lineage, osAttr, releaseName } from "./classes.js";
