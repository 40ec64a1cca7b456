import { operand, type Secret } from "../base/index.js";
import type { FileAttributes, FileStat } from "../model/index.js";
import type { Control, ShellSession } from "../shell/index.js";
import { isInProc, readLocalFile, statLocalFile } from "./localFiles.js";
import { readFile, stat, writeFile } from "./shellFiles.js";

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
    if (this.#isLocal(file)) return readLocalFile(file);
    return readFile(this.#session, file, this.#control);
  }

  /** What is at the path, or undefined if nothing is. A symlink is told of itself unless `follow`. */
  async stat(path: string, follow = false): Promise<FileStat | undefined> {
    const file = this.absolute(path);
    const found = this.#isLocal(file) ? statLocalFile(file, follow) : "unnamed";
    return found === "unnamed" ? stat(this.#session, file, { follow, ...this.#control }) : found;
  }

  /** The file has that content. See {@link writeFile}. */
  write(
    path: string,
    content: string | Uint8Array | Secret,
    attributes: FileAttributes,
  ): Promise<void> {
    const file = this.absolute(path);
    return writeFile(this.#session, file, content, { ...attributes, ...this.#control });
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
