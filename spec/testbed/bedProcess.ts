import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { cacheDirectory, script } from "./base.js";

interface Waiting {
  resolve(line: string): void;
  reject(error: Error): void;
}

/**
 * The process tree that is the bed. It ends with the pipe to its standard input, that is, also
 * when this process dies; and it never keeps this process alive but while it is asked something.
 */
export class BedProcess {
  /** Holds the keys and logs; disappears with the bed. */
  directory = "";
  /** First three bytes of all addresses. */
  network = "";
  readonly #child: ChildProcess;
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  #log = "";

  static async start(base: string, delayLine: string): Promise<BedProcess> {
    const bed = new BedProcess(base, delayLine);
    const [, directory = "", network = ""] = (await bed.#nextLine(/^ready \S+ \S+$/)).split(" ");
    bed.directory = directory;
    bed.network = network;
    return bed;
  }

  private constructor(base: string, delayLine: string) {
    const guard = [script("guard.sh"), tmpdir(), cacheDirectory(), base, delayLine];
    const args = ["--mount", "--propagation", "private", "bash", ...guard];
    // Detached, for else Ctrl-C at a terminal would reach the shells of the bed, too.
    const child = spawn("unshare", args, { stdio: "pipe", detached: true });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#waiting.shift()?.resolve(line);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-4000);
    });
    child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      const end = (error?: Error) => {
        for (const { reject } of this.#waiting.splice(0))
          reject(error ?? new Error(`testbed: the bed has ended: ${this.#log}`));
        resolve();
      };
      child.on("error", end);
      child.on("close", () => end());
    });
    this.#keepAlive(false);
  }

  get isUp(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async send(...words: readonly (string | number)[]): Promise<void> {
    this.#child.stdin?.write(`${words.join(" ")}\n`);
    await this.#nextLine(/^ok$/);
  }

  async close(): Promise<void> {
    this.#keepAlive(true);
    this.#child.stdin?.end();
    await this.#ended;
  }

  async #nextLine(expected: RegExp): Promise<string> {
    if (!this.isUp) throw new Error("testbed: the bed is down");
    this.#keepAlive(true);
    try {
      const line = await new Promise<string>((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
      });
      if (!expected.test(line)) throw new Error(`testbed: ${line}: ${this.#log}`);
      return line;
    } finally {
      if (this.#waiting.length === 0) this.#keepAlive(false);
    }
  }

  #keepAlive(yes: boolean): void {
    const handles = [this.#child.stdin, this.#child.stdout, this.#child.stderr];
    for (const handle of [this.#child, ...handles.filter((h) => h instanceof Socket)])
      if (yes) handle.ref();
      else handle.unref();
  }
}
