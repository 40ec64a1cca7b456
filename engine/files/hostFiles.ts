import { operand, type Secret, type Words } from "../base/index.js";
import type { FileAttributes, FileStat } from "../model/index.js";
import type { Control, ShellSession } from "../shell/index.js";
import {
  copyScript,
  makeDirectoryScript,
  makeSymlinkScript,
  removeScript,
  setModeScript,
  setOwnerScript,
} from "./changes.js";
import { isInProc, readLocalFile, statLocalFile } from "./localFiles.js";
import {
  change,
  hashFile,
  isEmptyDirectory,
  modeText,
  readFile,
  stat,
  type WriteOptions,
  writeFile,
} from "./shellFiles.js";

/** The files of a host at the end of a session: looked at by this process itself where it can. */
export class HostFiles {
  readonly #session: ShellSession;
  readonly #isHere: boolean;
  readonly #home: string | undefined;
  readonly #control: Control;

  /**
   * `isHere`: the session is on the machine of this process, as its account. `home`: where relative
   * paths start; the account's home by default.
   */
  constructor(session: ShellSession, isHere: boolean, home: string | undefined, control: Control) {
    this.#session = session;
    this.#isHere = isHere;
    this.#home = home;
    this.#control = control;
  }

  /** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge for more than 64 MiB */
  async read(path: string): Promise<Uint8Array> {
    const file = this.absolute(path);
    const content = this.#isLocal(file) ? readLocalFile(file) : "untold";
    return content !== "untold" ? content : readFile(this.#session, file, this.#control);
  }

  /** What is at the path, or undefined if nothing is. A symlink is told of itself unless `follow`. */
  async stat(path: string, follow = false): Promise<FileStat | undefined> {
    const file = this.absolute(path);
    const found = this.#isLocal(file) ? statLocalFile(file, follow) : "untold";
    return found === "untold" ? stat(this.#session, file, { follow, ...this.#control }) : found;
  }

  /** The SHA-256 of the file, as hexadecimal digits; undefined if nothing is there. @throws FileFailed */
  hash(path: string): Promise<string | undefined> {
    return hashFile(this.#session, this.absolute(path), this.#control);
  }

  /** Whether a directory is at the path, and nothing in it. */
  isEmptyDirectory(path: string): Promise<boolean> {
    return isEmptyDirectory(this.#session, this.absolute(path), this.#control);
  }

  /** The file has that content. See {@link writeFile}. */
  write(
    path: string,
    content: string | Uint8Array | Secret,
    options: Omit<WriteOptions, keyof Control>,
  ): Promise<void> {
    const file = this.absolute(path);
    return writeFile(this.#session, file, content, { ...options, ...this.#control });
  }

  /** The directory exists, and those above it. */
  makeDirectory(path: string, { mode, user = "", group = "" }: FileAttributes): Promise<void> {
    return this.#change("made", makeDirectoryScript, path, modeText(mode), user, group);
  }

  /** Nothing is at the paths. Of directories go `whole` ones, `empty` ones, or none. */
  async remove(paths: readonly string[], directories: "whole" | "empty" | "none"): Promise<void> {
    for (const path of paths) await this.#change("removed", removeScript, path, directories);
  }

  /** A symlink is at the path, in the place of what was there but no directory. */
  makeSymlink(path: string, target: string): Promise<void> {
    return this.#change("made", makeSymlinkScript, path, target);
  }

  /** The mode of what is at the path, which is no symlink, is that. */
  setMode(path: string, mode: number): Promise<void> {
    return this.#change("changed", setModeScript, path, modeText(mode));
  }

  /** The owner and group of what is at the path (of the link itself, if it is one) are those. */
  setOwner(path: string, { user = "", group = "" }: Omit<FileAttributes, "mode">): Promise<void> {
    return this.#change("changed", setOwnerScript, path, user, group);
  }

  /** The path is a copy of that file, with its mode, owner and times. */
  copy(path: string, source: string): Promise<void> {
    return this.#change("copied", copyScript, path, this.absolute(source));
  }

  #change(deed: string, script: string, path: string, ...words: Words): Promise<void> {
    return change(this.#session, deed, script, [this.absolute(path), ...words], this.#control);
  }

  /** Relative paths start at the home directory, as for commands. */
  absolute(path: string): string {
    const home = this.#home;
    return path.startsWith("/") || home === undefined ? operand(path) : `${home}/${path}`;
  }

  /** Whether this process itself can look at the file. */
  #isLocal(file: string): boolean {
    return file.startsWith("/") && this.#isHere && isInProc();
  }
}
