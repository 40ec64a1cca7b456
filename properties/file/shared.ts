/** What other domains make their properties of. */
export { absolutePath } from "./arguments.js";
export { isDeclared } from "./data.js";
export { applyEdit, checkEdit } from "./edit.js";
export { containsBlock, lacksBlock } from "./editing/block.js";
export { editLines, type Line, newLine } from "./editing/lines.js";
export {
  findOwnFiles,
  inFileName,
  type OwnFile,
  removeOwnFiles,
  together,
  writeOwnFiles,
} from "./ownFiles.js";
export { settingsSchema } from "./settings.js";
export { bytesOf, readText } from "./text.js";
