/** Every property of the domain `file`, as it is applied at a path that somebody else attacks. */
import type { Propspec } from "../../engine/index.js";
import * as file from "../../properties/file/index.js";

/** What is applied at the path, and what it is unapplied as. `other` is a file that nobody attacks. */
type Attacked = (path: string, other: string) => readonly Propspec<"posix">[];

type PropertyName = {
  [K in keyof typeof file]: (typeof file)[K] extends (...args: never[]) => unknown ? K : never;
}[keyof typeof file];

/** The person chooses no path for it: it looks after the account's own directory. */
type NotAttacked = "dataCachePurged";

/** The compiler says which one is missing. */
export const attacked: Record<Exclude<PropertyName, NotAttacked>, Attacked> = {
  containingDirectoryExists: (path) => [file.containingDirectoryExists(`${path}/x`)],
  containsBlock: (path) => [file.containsBlock(path, "ours", ["line"])],
  containsConfEquals: (path) => [file.containsConfEquals(path, { k: "2" })],
  containsConfShell: (path) => [file.containsConfShell(path, { k: "2" })],
  containsConfSpace: (path) => [file.containsConfSpace(path, { k: "2" })],
  containsConfTab: (path) => [file.containsConfTab(path, { k: "2" })],
  containsConfUnspaced: (path) => [file.containsConfUnspaced(path, { k: "2" })],
  containsIniSettings: (path) => [file.containsIniSettings(path, ["s", "k", "2"])],
  containsLines: (path) => [file.containsLines(path, "export A=1")],
  dataUploaded: (path) => [file.dataUploaded("_attacked", "plain", path)],
  directoryDoesNotExist: (path) => [file.directoryDoesNotExist(path)],
  directoryExists: (path) => [file.directoryExists(path, { user: "root", mode: 0o711 })],
  doesNotExist: (path) => [file.doesNotExist(path)],
  emptyDirectoryDoesNotExist: (path) => [file.emptyDirectoryDoesNotExist(path)],
  existsWithContent: (path) => [file.existsWithContent(path, "content\n")],
  hasContent: (path) => [file.hasContent(path, "content\n", { user: "root", group: "root" })],
  hasMode: (path) => [file.hasMode(path, 0o640)],
  hasOwnership: (path) => [file.hasOwnership(path, { user: "root", group: "root" })],
  hostDataUploaded: (path) => [file.hostDataUploaded(path)],
  hostSecretUploaded: (path) => [file.hostSecretUploaded(path)],
  isCopyOf: (path, other) => [file.isCopyOf(path, other), file.isCopyOf(`${other}.copy`, path)],
  lacksLines: (path) => [file.lacksLines(path, "k=1")],
  lacksLinesMatching: (path) => [file.lacksLinesMatching(path, "k")],
  regexReplacedLines: (path) => [file.regexReplacedLines(path, "k", "l")],
  secretUploaded: (path) => [file.secretUploaded("_attacked", "secret", path)],
  symlinked: (path, other) => [file.symlinked(path, other)],
};
