import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionFailed, printable } from "../../engine/index.js";
import { factsOf, lost } from "./failures.js";
import type { SshContext } from "./options.js";
import { spawnSession, unattended } from "./program.js";
import type { Route } from "./route.js";
import { type ConnectLog, explainFailure, plainLines, unrecordedKey } from "./systemFailure.js";
import { type ConnectionFolder, logOf, masterWords } from "./systemWords.js";

/** More chatter than a person reads is not reported. */
const maxChatter = 16 * 1024;

/** The `ssh` process that makes a connection and holds it for others. */
export class Master {
  readonly #child: ChildProcess;
  readonly #route: Route;
  readonly #folder: ConnectionFolder;
  readonly #context: SshContext;
  #printed = "";
  #over = false;
  /** Settles when the process is gone. */
  readonly gone: Promise<void>;

  /** @throws ConnectionFailed when no process can be started. */
  constructor(
    ssh: string,
    route: Route,
    folder: ConnectionFolder,
    timeoutMs: number,
    context: SshContext,
  ) {
    this.#route = route;
    this.#folder = folder;
    this.#context = context;
    const child = spawnSession(ssh, masterWords(route, folder, timeoutMs), unattended());
    if (!child) throw new ConnectionFailed("no process can be started", factsOf(route.target));
    this.#child = child;
    child.stdin.on("error", () => {});
    child.stdin.end();
    child.stdout.resume();
    this.#listen(child.stderr);
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", (error) => {
        this.#printed += `ssh cannot be started: ${error.message}`;
        resolve();
      });
    });
    const closed = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
    });
    // A proxy command may hold the pipe for longer than ssh lives.
    const drained = exited.then(() => Promise.race([closed, sleep(300)]));
    this.gone = drained.then(() => {
      this.#over = true;
      child.stdout.destroy();
      child.stderr.destroy();
    });
  }

  get over(): boolean {
    return this.#over;
  }

  /** Why there is no connection. */
  explainFailure(): ConnectionFailed {
    return explainFailure(this.#logs(), this.#printed);
  }

  /** Why there is no connection any more. */
  explainLoss(): ConnectionFailed {
    const text = plainLines(this.#logs().at(-1)?.text ?? "");
    return lost(this.#route.target, text || "ssh ended without a word");
  }

  /**
   * Reports what ssh remarked while it connected.
   *
   * @throws HostKeyRefused when a new key was accepted but could not be written down.
   */
  checkRemarks(): void {
    for (const { stop, text } of this.#logs()) {
      const error = unrecordedKey(stop, text);
      if (error) throw error;
      for (const line of plainLines(text).split("\n")) {
        if (line !== "") this.#context.report?.(1, `${stop.config.host}: ssh: ${line.trim()}`);
      }
    }
  }

  /** Ends it, gently first. */
  async end(): Promise<void> {
    if (this.#over) return;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.gone;
    clearTimeout(timer);
  }

  /** What ssh prints besides its log: the host's banner and what a proxy command says. */
  #listen(stderr: NodeJS.ReadableStream): void {
    let left = maxChatter;
    stderr.on("error", () => {});
    stderr.on("data", (chunk: Buffer) => {
      this.#printed = (this.#printed + chunk.toString("utf8")).slice(-4096);
      const text = chunk.toString("utf8").slice(0, left);
      left -= text.length;
      for (const line of text.split(/\r?\n/)) {
        if (line === "") continue;
        this.#context.report?.(2, `${this.#route.target.config.host} says: ${printable(line)}`);
      }
    });
  }

  #logs(): ConnectLog[] {
    return [...this.#route.jumps, this.#route.target].map((stop, index) => {
      try {
        return { stop, text: readFileSync(logOf(this.#folder, index), "utf8").slice(-65536) };
      } catch {
        return { stop, text: "" };
      }
    });
  }
}
