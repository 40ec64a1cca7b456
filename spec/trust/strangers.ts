/** What another account can do to directories from which code or data is loaded. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";

/** An account of this machine that nobody has. */
export const stranger = 12345;

/** Makes the directory, which is there and ours, one that a stranger can change. */
type Opening = (directory: string) => void;

/** The ways in which a stranger can change what is at a path. */
export const openings: Readonly<Record<string, Opening>> = {
  "belongs to another account": (directory) => fs.chownSync(directory, stranger, stranger),
  "can be written by a group": (directory) => {
    fs.chownSync(directory, 0, stranger);
    fs.chmodSync(directory, 0o775);
  },
  "can be written by everybody": (directory) => fs.chmodSync(directory, 0o777),
  "is a link of another account": (directory) => {
    const real = `${directory}.real`;
    fs.renameSync(directory, real);
    fs.symlinkSync(real, directory);
    fs.lchownSync(directory, stranger, stranger);
  },
  "is below what belongs to another account": (directory) => {
    const above = path.dirname(directory);
    fs.chownSync(above, stranger, stranger);
  },
};

/** As the stranger: exchanges the two names for ever, as quickly as it can. */
const exchanging = `
import ctypes, os, sys
os.setgroups([]); os.setgid(${stranger}); os.setuid(${stranger})
rename = ctypes.CDLL(None).renameat2
a, b = (word.encode() for word in sys.argv[1:3])
print("begun", flush=True)
while os.getppid() > 1: rename(-100, a, -100, b, 2)
`;

/** Exchanges what the two names stand for, as the stranger, until it is ended. */
export class Exchanger {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close");
  }

  static async start(one: string, two: string): Promise<Exchanger> {
    const child = spawn("python3", ["-c", exchanging, one, two], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    return new Exchanger(child);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
