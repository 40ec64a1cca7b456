/** Files and directories, and what is in them. */
export { directoryDoesNotExist, doesNotExist, emptyDirectoryDoesNotExist } from "./absence.js";
export type { Attributes } from "./arguments.js";
export { hasMode, hasOwnership, type Owner } from "./attributes.js";
export { type Content, existsWithContent, hasContent } from "./content.js";
export { isCopyOf } from "./copies.js";
export {
  dataUploaded,
  hostDataUploaded,
  hostSecretUploaded,
  secretUploaded,
} from "./data.js";
export { dataCachePurged } from "./dataCache.js";
export { containingDirectoryExists, directoryExists } from "./directories.js";
export {
  type BlockOptions,
  containsBlock,
  containsLines,
  lacksLines,
  lacksLinesMatching,
  type Pattern,
  type ReplaceOptions,
  regexReplacedLines,
} from "./lines.js";
export { symlinked } from "./links.js";
export {
  containsConfEquals,
  containsConfShell,
  containsConfSpace,
  containsConfTab,
  containsConfUnspaced,
  containsIniSettings,
  type IniSetting,
  type Settings,
  type SettingValue,
} from "./settings.js";
