import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { foreignAbove, reasonOf, temporaryHint } from "../../core/index.js";
import { ConnectionFailed } from "../../engine/index.js";
import type { ConnectionFolder } from "./systemWords.js";

/**
 * A new private folder whose path leaves room for a control socket's name.
 *
 * @throws ConnectionFailed where none can be made
 */
export function makeFolder(): ConnectionFolder {
  const name = "consfig-ssh-";
  // A socket's path has 104 bytes on some systems; ssh adds 17 while it makes it. It is part of what ssh
  // expands, and of a command that it gives to the person's own shell, whatever that is.
  const usual = join(tmpdir(), name);
  const fits = usual.length < 75 && /^[A-Za-z0-9_./-]+$/.test(usual);
  const isOurs = foreignAbove(tmpdir()) === undefined;
  try {
    const path = mkdtempSync(fits && isOurs ? usual : join("/tmp", name));
    return { path, socket: join(path, "s") };
  } catch (cause) {
    const message = `there is no place for the files of ssh: ${reasonOf(cause)}`;
    throw new ConnectionFailed(message, { hint: temporaryHint }, { cause });
  }
}

/**
 * A shell that waits for this process to end. When it has ended without saying that all is done,
 * the shell ends the connection and removes the folder.
 */
export class Guard {
  readonly #child: ChildProcessByStdio<Writable, null, null>;
  readonly #folder: ConnectionFolder;

  /** @throws ConnectionFailed when no process can be started. */
  constructor(ssh: string, folder: ConnectionFolder) {
    this.#folder = folder;
    const text = 'read -r done || { "$1" -F none -S "$2" -O exit x; rm -rf -- "$3"; }';
    const words = ["-c", text, "sh", ssh, folder.socket, folder.path];
    this.#child = spawn("sh", words, { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.#child.on("error", () => {});
    // Contrary to its type: when there are no descriptors left.
    if (!(this.#child.stdin as Writable | undefined)) {
      rmSync(folder.path, { recursive: true, force: true });
      throw new ConnectionFailed("no process can be started to watch over ssh");
    }
    this.#child.stdin.on("error", () => {});
  }

  /** Removes the folder and ends the shell. */
  async dismiss(): Promise<void> {
    rmSync(this.#folder.path, { recursive: true, force: true });
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin.end("done\n");
    await gone;
  }
}
