/** Files and directories, and what is in them. */
export { directoryDoesNotExist, doesNotExist, emptyDirectoryDoesNotExist } from "./file/absence.js";
export type { Attributes } from "./file/arguments.js";
export { hasMode, hasOwnership, type Owner } from "./file/attributes.js";
export { type Content, existsWithContent, hasContent } from "./file/content.js";
export { isCopyOf } from "./file/copies.js";
export {
  dataUploaded,
  hostDataUploaded,
  hostSecretUploaded,
  secretUploaded,
} from "./file/data.js";
export { dataCachePurged } from "./file/dataCache.js";
export { containingDirectoryExists, directoryExists } from "./file/directories.js";
export {
  type BlockOptions,
  containsBlock,
  containsLines,
  lacksLines,
  lacksLinesMatching,
  type Pattern,
  type ReplaceOptions,
  regexReplacedLines,
} from "./file/lines.js";
export { symlinked } from "./file/links.js";
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
} from "./file/settings.js";
