/** Entering another context for good: what a prerequest does before the request is read. */
import { closeSync, openSync } from "node:fs";
import { native } from "./native.js";

/** The kinds of namespace, with the numbers that unshare(2) and setns(2) know them by. */
export const namespaces = {
  time: 0x00000080,
  mount: 0x00020000,
  cgroup: 0x02000000,
  uts: 0x04000000,
  ipc: 0x08000000,
  user: 0x10000000,
  pid: 0x20000000,
  network: 0x40000000,
} as const;

/** A kind of namespace. */
export type Namespace = keyof typeof namespaces;

/** From now on `directory` is `/` for this process. Modules that are already loaded go on working. */
export function enterRoot(directory: string): void {
  native().chroot(directory);
  // Node keeps a note of the working directory, which a native chdir would not change.
  process.chdir("/");
}

/** Like enterRoot, for a directory that is open: whatever its path leads to by now. */
export function enterOpenRoot(directory: number): void {
  native().enterDirectory(directory);
  process.chdir("/");
}

/**
 * From now on this process has new namespaces of these kinds. A new pid namespace is for its
 * children only.
 */
export function unshareNamespaces(...kinds: readonly Namespace[]): void {
  native().unshare(kinds.reduce((flags, kind) => flags | namespaces[kind], 0));
}

/**
 * Joins the namespaces whose files are given, e.g. `/proc/1/ns/mnt`, all opened before any is entered.
 *
 * A user namespace among them is entered after those that can be entered with the rights outside of it,
 * and before those that need the rights inside. A namespace that cannot be entered with either belongs
 * to a user namespace further out: this process then keeps the one it has.
 */
export function joinNamespaces(files: ReadonlyMap<Namespace, string>): void {
  const opened = [...files].map(([kind, file]) => ({ kind, fd: openSync(file, "r") }));
  try {
    const user = opened.filter(({ kind }) => kind === "user");
    const isLenient = user.length > 0;
    const others = opened.filter(({ kind }) => kind !== "user");
    const refused = others.filter((one) => !joins(one, isLenient));
    for (const one of user) joins(one, false);
    for (const one of refused) joins(one, true);
  } finally {
    for (const { fd } of opened) closeSync(fd);
  }
}

function joins({ kind, fd }: { kind: Namespace; fd: number }, isLenient: boolean): boolean {
  try {
    native().setns(fd, namespaces[kind]);
    return true;
  } catch (error) {
    if (isLenient && (error as NodeJS.ErrnoException).code === "EPERM") return false;
    throw error;
  }
}

/** The numbers of a user. Names are resolved before: inside another root they mean somebody else. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
  /** Left out: the process keeps those that it has, for a user namespace may forbid to change them. */
  readonly groups?: readonly number[];
}

/** From now on, and for good, this process is that user. What came of it has been looked at. */
export function becomeUser({ uid, gid, groups }: UserIds): void {
  native().becomeUser(uid, gid, groups);
}

/** What limits a process, and what it starts, besides its account. */
export interface Limits {
  /** The capabilities that it can have at all: hexadecimal digits, as `/proc/PID/status` shows them. */
  readonly bounding: string;
  /** Programs such as sudo give it nothing. */
  readonly noNewPrivs: boolean;
}

/** From now on, and for good, this process can do no more than that. */
export function confine({ bounding, noNewPrivs }: Limits): void {
  native().confine(bounding, noNewPrivs);
}

/** A device of characters that everybody may read and write. */
export function makeDevice(path: string, major: number, minor: number): void {
  native().makeDevice(path, major, minor);
}

/**
 * All that this process starts from now on is in a pid namespace of its own, and ends with this
 * process. The first process there is a reaper that does nothing else and has that root directory.
 *
 * @param procAt where the `/proc` of that namespace is mounted: the working directory, or nowhere
 */
export function beginPidNamespace(root: string, procAt: "here" | "nowhere"): void {
  unshareNamespaces("pid");
  native().startReaper(root, procAt === "here");
}

/** The flags of mount(2) that hops use. */
export const mountFlags = {
  readOnly: 1,
  noSuid: 2,
  noDevices: 4,
  noExec: 8,
  bind: 4096,
  recursive: 16384,
  private: 1 << 18,
  slave: 1 << 19,
} as const;

/** What to mount, and where. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: number;
  readonly data?: string;
}

/** mount(2). */
export function mount({ source, target, type = "none", flags = 0, data = "" }: Mount): void {
  native().mount(source, target, type, flags, data);
}

/** umount2(2), at once or as soon as nobody uses it. */
export function unmount(target: string, { lazily = false } = {}): void {
  native().umount(target, lazily ? 2 : 0);
}

/** pivot_root(2): `root` becomes `/`, and the old one appears at `old`, which lies below it. */
export function pivotRoot(root: string, old: string): void {
  native().pivotRoot(root, old);
  process.chdir("/");
}

/**
 * Programs that this process starts from now on have the same process number and addresses every time,
 * as far as its account may do that: what is made of their memory is the same, too.
 */
export function makeReproducible(): void {
  for (const kinds of [["pid"], ["user", "pid"]] as const) {
    try {
      unshareNamespaces(...kinds);
      break;
    } catch {
      // Only uid 0 may, or the owner of a user namespace, where those are allowed.
    }
  }
  native().fixAddresses();
}
