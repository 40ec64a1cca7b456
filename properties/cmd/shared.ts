/** What other domains make their properties of. */
export { commandInWords } from "./inWords.js";
