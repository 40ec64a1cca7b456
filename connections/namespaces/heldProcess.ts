/** Another process, held so that all that is found of it is of that process. */
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readlinkSync, readSync } from "node:fs";
import { type ErrorFacts, HopFailed, type Limits, type Namespace } from "../../engine/index.js";

/** Variables for the first process alone: they speak of descriptors that its children do not have. */
export const itsOwn = ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];

/**
 * The namespaces that are joined: all but that of time, since this process has timers that count on its
 * clock.
 *
 * The new pid namespace is only its children's: programs and further grandchildren. This process
 * keeps its number, so `/proc/self` does not exist for it in there.
 */
const kinds: ReadonlyMap<Namespace, string> = new Map([
  ["user", "user"],
  ["cgroup", "cgroup"],
  ["ipc", "ipc"],
  ["uts", "uts"],
  ["network", "net"],
  ["pid", "pid"],
  ["mount", "mnt"],
]);

/** As much as the kernel lets a program have as its environment by default. */
const mostBytes = 2 * 1024 * 1024;

/** What limits a process, and whether a filter of system calls does, which another cannot take over. */
interface FoundLimits extends Limits {
  readonly isFiltered: boolean;
}

/**
 * The process whose number a command prints. It is held by its directory in /proc, which is open:
 * whatever becomes of the number, what is found through the directory is of that process, or nothing.
 */
export class HeldProcess {
  readonly #pid: number;
  readonly #at: string;
  readonly #opened: number[] = [];

  /** @throws HopFailed when there is no such process, or its number was given to another meanwhile */
  constructor(find: readonly string[]) {
    this.#pid = numberBy(find);
    this.#at = `/proc/self/fd/${this.#open(`/proc/${this.#pid}`, constants.O_DIRECTORY)}`;
    if (numberBy(find) !== this.#pid) throw this.refused("was replaced by another meanwhile");
  }

  /** The namespaces it is in and this process is not: their kinds, and files that lead to them. */
  others(): ReadonlyMap<Namespace, string> {
    const all = [...kinds].map(([kind, name]) => ({ kind, name, fd: this.open(`ns/${name}`) }));
    // The kernel forbids to enter the user namespace that a process is in already.
    const others = all.filter(
      ({ name, fd }) =>
        readlinkSync(`/proc/self/fd/${fd}`) !== readlinkSync(`/proc/self/ns/${name}`),
    );
    return new Map(others.map(({ kind, fd }) => [kind, `/proc/self/fd/${fd}`]));
  }

  /** What limits it. Not its capabilities of this moment, which it may have dropped for itself alone. */
  limits(): FoundLimits {
    const status = this.#read("status");
    const said = (name: string) => new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
    const bounding = said("CapBnd");
    if (bounding === undefined) throw this.refused("does not tell its capabilities");
    // What a kernel does not tell of it does not have.
    return {
      bounding,
      noNewPrivs: (said("NoNewPrivs") ?? "0") !== "0",
      isFiltered: (said("Seccomp") ?? "0") !== "0",
    };
  }

  environment(): Record<string, string> {
    const entries = this.#read("environ")
      .split("\0")
      .map((one): [string, string] => {
        const at = one.indexOf("=");
        return [one.slice(0, Math.max(at, 0)), one.slice(at + 1)];
      });
    return Object.fromEntries(entries.filter(([name]) => name !== "" && !itsOwn.includes(name)));
  }

  /** One of its files in /proc, opened; it is closed with the rest. */
  open(name: string): number {
    return this.#open(`${this.#at}/${name}`, 0);
  }

  close(): void {
    for (const fd of this.#opened.splice(0)) closeSync(fd);
  }

  refused(what: string, facts: ErrorFacts = {}): HopFailed {
    return new HopFailed(`process ${this.#pid} ${what}`, facts);
  }

  #open(path: string, flags: number): number {
    const fd = openSync(path, constants.O_RDONLY | flags);
    this.#opened.push(fd);
    return fd;
  }

  #read(name: string): string {
    const fd = this.open(name);
    const bytes = Buffer.alloc(mostBytes);
    let length = 0;
    for (let got = -1; got !== 0; length += got) {
      if (length === bytes.length) throw this.refused(`has too much in its ${name}`);
      got = readSync(fd, bytes, length, bytes.length - length, null);
    }
    return bytes.toString("utf8", 0, length);
  }
}

/** The number that the command prints. @throws HopFailed */
function numberBy([program = "", ...words]: readonly string[]): number {
  const { error, status, stdout, stderr } = spawnSync(program, words, {
    encoding: "utf8",
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new HopFailed(`${program} is not installed`);
  }
  if (status !== 0) throw new HopFailed(`it does not tell its process: ${error ?? stderr.trim()}`);
  if (!/^[1-9]\d*$/.test(stdout.trim())) throw new HopFailed(`it does not run: ${stdout.trim()}`);
  return Number(stdout);
}
