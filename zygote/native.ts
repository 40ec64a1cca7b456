import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compiledUrl } from "../core/copies.js";
import { ZygoteRefused } from "./errors.js";
import { ownPlatform } from "./libc.js";

/** An error of the addon: which syscall failed, on what. */
export interface SyscallError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly argument: string;
}

/** The addon. What can fail throws a {@link SyscallError}. */
export interface Native {
  /** Forks this process: 0 in the child, whose event loop is usable, else the child's pid. */
  fork(): number;
  /** Nanoseconds that fork, `_exit` and wait of this process take, that many times. */
  measureFork(count: number): number[];
  /** Ends this process at once: no handler, no destructor, no flush. */
  exit(code: number): never;
  /** Undefined while the child runs; reaps it once it has ended. */
  pollChild(pid: number): [exitCode: number, signal: number] | undefined;
  getpid(): number;
  /**
   * Gives this process what a zygote needs: a session of its own, /dev/null as descriptors 0 to 2, the
   * care of orphans, a signal when its parent ends, and no core dumps.
   */
  becomeZygote(): void;
  /** What descendants of this process leave behind is found when this process ends. */
  adoptOrphans(): void;
  /** No core dumps, no debugger at SIGUSR1, and no look at this process's memory by others of its uid. */
  keepPrivate(): void;
  /** This process, and its group, end with its parent. False if that is not its parent any more. */
  endWithParent(parent: number): boolean;
  /** Collects garbage and gives memory back: the less memory a process has, the faster it is forked. */
  shrinkHeap(): void;
  /** Whether anything keeps the event loop going. */
  loopAlive(): boolean;
  /** Fills the bytes from getrandom(2). */
  fillRandom(bytes: Uint8Array): void;

  /** Closes every descriptor but 0-2, those given, and the ones Node uses to talk to itself. */
  closeAllBut(fds: readonly number[]): void;
  socketpair(): [number, number];
  /**
   * Sends a zygote a message with one end each of a new socket and two new pipes, and returns the other
   * ends. The first words are in the socket already. Undefined when the zygote must read first.
   */
  ask(
    control: number,
    message: Uint8Array,
    firstWords: Uint8Array,
  ): [conversation: number, stdout: number, stderr: number] | undefined;
  dup2(from: number, to: number): void;
  /** Sends a message with descriptors; false when the peer must read first. */
  send(socket: number, message: Uint8Array, fds: readonly number[]): boolean;
  /** Waits for a message and returns its descriptors; none when the peer has ended. */
  receive(socket: number): number[];
  /** Waits until the bytes are full or the peer has ended; how many there are. */
  read(fd: number, bytes: Uint8Array): number;
  /** Writes all of the bytes, waiting for the reader. */
  write(fd: number, bytes: Uint8Array): void;
  /** Writes the bytes, ends the standard outputs, waits so long for the peer's end, and `_exit`s. */
  end(conversation: number, bytes: Uint8Array, code: number, patienceMs: number): never;

  /**
   * The zygote's loop, which never ends. It returns in each forked child, with that child's
   * descriptors.
   */
  serve(control: number, spares: number): number[];

  chroot(directory: string): void;
  unshare(flags: number): void;
  setns(fd: number, kind: number): void;
  mount(source: string, target: string, type: string, flags: number, data: string): void;
  umount(target: string, flags: number): void;
  pivotRoot(root: string, old: string): void;
  fixAddresses(): void;
  /** Without groups those that this process has are kept. What came of it is looked at. */
  becomeUser(uid: number, gid: number, groups: readonly number[] | undefined): void;
  /** Gives up, for good, all capabilities that are not in the set, which is hexadecimal digits. */
  confine(capabilities: string, noNewPrivs: boolean): void;
  /** The open directory becomes the root. */
  enterDirectory(fd: number): void;
  makeDevice(path: string, major: number, minor: number): void;
  /**
   * Starts the first process of the pid namespace that was made for this process's children, with that
   * root directory. It mounts that namespace's proc on the working directory if told to.
   */
  startReaper(root: string, mountsProc: boolean): void;
}

let loaded: Native | undefined;

/** The addon for this platform. @throws ZygoteRefused where there is none */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

/** The name of the addon's file for this platform, e.g. `linux-x64-glibc.node`. */
export function addonFile(): string {
  return `${ownPlatform()}.node`;
}

function load(): Native {
  if (process.platform !== "linux") {
    throw new ZygoteRefused(
      "platform",
      `fork needs Linux, and this is ${process.platform}`,
      "use the pool of exec'ed processes",
    );
  }
  const name = `prebuilds/${addonFile()}`;
  const file = fileURLToPath(new URL(`zygote/${name}`, compiledUrl));
  let native: Native;
  try {
    // In bundled modules, whose loader has the addon, there is a `require` that only modules see.
    const isBundled =
      typeof require === "function" && require !== Reflect.get(globalThis, "require");
    const addon: unknown = isBundled
      ? require(`consfigurator/zygote/${name}`)
      : createRequire(import.meta.url)(file);
    native = addon as Native;
  } catch (cause) {
    throw new ZygoteRefused(
      "addon",
      existsSync(file) ? `its addon ${file} cannot be loaded` : `there is no addon ${file}`,
      "where there is a C compiler (apt install gcc libc6-dev), `npm run build` compiles it",
      { cause },
    );
  }
  const lacking = Object.keys(functions).filter(
    (one) => typeof native[one as keyof Native] !== "function",
  );
  if (lacking.length === 0) return native;
  // Found out in a process that has been forked it could not even end.
  throw new ZygoteRefused(
    "addon",
    `its addon ${file} is of another build: it has no ${lacking.join(", ")}`,
    "where there is a C compiler (apt install gcc libc6-dev), `npm run build` compiles it",
  );
}

/** What an addon of this build has. */
const functions: Record<keyof Native, true> = {
  fork: true,
  measureFork: true,
  exit: true,
  pollChild: true,
  getpid: true,
  becomeZygote: true,
  adoptOrphans: true,
  keepPrivate: true,
  endWithParent: true,
  shrinkHeap: true,
  loopAlive: true,
  fillRandom: true,
  closeAllBut: true,
  socketpair: true,
  ask: true,
  dup2: true,
  send: true,
  receive: true,
  read: true,
  write: true,
  end: true,
  serve: true,
  chroot: true,
  unshare: true,
  setns: true,
  mount: true,
  umount: true,
  pivotRoot: true,
  fixAddresses: true,
  becomeUser: true,
  confine: true,
  enterDirectory: true,
  makeDevice: true,
  startReaper: true,
};
