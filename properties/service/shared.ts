/** What other domains make their properties of. */
export { mayStart } from "./policy.js";
