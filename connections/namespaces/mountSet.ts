/** What a chroot gets mounted: file systems of the kernel, and small ones of its own. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import {
  beginPidNamespace,
  makeDevice,
  mount,
  mountFlags,
  shellText,
  unshareNamespaces,
} from "../../engine/index.js";

/** The schema of what a chroot shares with the machine. */
export const shares = z.array(z.enum(["run", "dev", "proc"]));

/** What a chroot shares with the machine instead of having its own. */
export type Shares = z.infer<typeof shares>;

/**
 * A file system and the directory it is mounted on. Where the tree has no such directory, it is not
 * mounted.
 */
interface Placed {
  /** Below the tree's root. What is below another of these is only mounted if that was. */
  readonly at: string;
  /** The machine's own directory that is bound there. */
  readonly bind?: string;
  readonly type?: string;
  readonly options?: readonly (keyof typeof words)[];
  readonly data?: string;
  /** How a new file system is filled, with its directory as the working one. */
  readonly fill?: "devices" | "run";
}

const words = { ro: "readOnly", nosuid: "noSuid", nodev: "noDevices", noexec: "noExec" } as const;

function mountSet(shared: Shares): readonly Placed[] {
  const machines = (name: Shares[number]): Placed => ({ at: name, bind: `/${name}` });
  const dev: Placed = { at: "dev", type: "tmpfs", options: ["nosuid"], data: "mode=755" };
  const run: Placed = { at: "run", type: "tmpfs", options: ["nosuid", "nodev"], data: "mode=755" };
  return [
    { at: "proc", type: "proc", options: ["nosuid", "noexec", "nodev"] },
    { at: "sys", type: "sysfs", options: ["ro", "nosuid", "noexec", "nodev"] },
    ...(shared.includes("dev")
      ? [{ at: "sys/firmware/efi/efivars", bind: "/sys/firmware/efi/efivars" }, machines("dev")]
      : [{ ...dev, fill: "devices" } as const]),
    {
      at: "dev/pts",
      type: "devpts",
      options: ["nosuid", "noexec"],
      data: "mode=0620,gid=5,ptmxmode=0666",
    },
    { at: "dev/shm", type: "tmpfs", options: ["nosuid", "nodev"], data: "mode=1777" },
    shared.includes("run") ? machines("run") : { ...run, fill: "run" },
    { at: "tmp", type: "tmpfs", options: ["nosuid", "nodev"], data: "mode=1777" },
  ];
}

/** What every program may use, by name: the numbers of the device. */
const devices = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
} as const;

const deviceLinks = {
  ptmx: "pts/ptmx",
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
} as const;

/**
 * In place of the directory that locks of deployments have in the machine's /run: one in there would hold
 * nobody off.
 */
const noLocks = "consfigurator";

/**
 * Makes the mounts in the tree, in a mount namespace of this process's own, and a pid namespace for what
 * this process starts unless it shares `/proc`. What is mounted on the machine later is seen in there
 * too; what is mounted here, nowhere else.
 */
export function makeMounts(root: string, shared: Shares): void {
  unshareNamespaces("mount");
  mount({ source: "none", target: "/", flags: mountFlags.slave | mountFlags.recursive });
  if (root === "/") return;
  const before = mountPoints();
  if (!before.has(root)) {
    mount({ source: root, target: root, flags: mountFlags.bind | mountFlags.recursive });
  }
  // There is hardly a program that does without /dev/null.
  if (!existsSync(`${root}/dev`)) mkdirSync(`${root}/dev`, { mode: 0o755 });
  const umask = process.umask(0o022);
  const made = new Set<string>();
  const isFree = ({ at, bind }: Placed) => {
    const [above = "", ...below] = at.split("/");
    const isPossible = !before.has(`${root}/${at}`) && (below.length === 0 || made.has(above));
    return isPossible && (bind === undefined || existsSync(bind)) && entersWithin(`${root}/${at}`);
  };
  for (const placed of mountSet(shared)) {
    const isMounted = isFree(placed);
    if (placed.at === "proc" && !shared.includes("proc")) {
      beginPidNamespace(root, isMounted ? "here" : "nowhere");
    } else if (isMounted) {
      mountHere(placed);
      if (placed.fill !== undefined) fill(placed.fill, root, placed.at);
    }
    if (isMounted) made.add(placed.at);
  }
  process.umask(umask);
  process.chdir("/");
}

/** Makes the directory the working one; false if a link leads there, which may lead out of the tree. */
function entersWithin(directory: string): boolean {
  try {
    process.chdir(directory);
    return process.cwd() === directory;
  } catch {
    return false;
  }
}

function mountHere({ bind, type = "none", options = [], data = "" }: Placed): void {
  const asked = options.map((word) => mountFlags[words[word]]);
  const flags = bind === undefined ? asked : [mountFlags.bind];
  mount({
    source: bind ?? type,
    target: ".",
    type,
    flags: flags.reduce((all, flag) => all | flag, 0),
    data,
  });
}

/** Fills what was mounted there. This process is in the directory below, until it enters the mount. */
function fill(how: "devices" | "run", root: string, at: string): void {
  if (!entersWithin(`${root}/${at}`)) throw new Error(`${root}/${at} was replaced meanwhile`);
  if (how === "devices") makeDevices();
  else fillRun(root);
}

function makeDevices(): void {
  for (const [name, [major, minor]] of Object.entries(devices)) {
    try {
      makeDevice(name, major, minor);
    } catch {
      // In a container nobody may make one.
      writeFileSync(name, "");
      mount({ source: `/dev/${name}`, target: name, flags: mountFlags.bind });
    }
  }
  for (const [name, target] of Object.entries(deviceLinks)) symlinkSync(target, name);
  for (const name of ["pts", "shm"]) mkdirSync(name);
}

function fillRun(root: string): void {
  mkdirSync("lock");
  chmodSync("lock", 0o1777);
  writeFileSync(noLocks, "");
  const into = resolverIn(root);
  if (into === undefined || !existsSync("/etc/resolv.conf")) return;
  mkdirSync(path.dirname(into), { recursive: true });
  writeFileSync(into, readFileSync("/etc/resolv.conf"));
}

/** Where below `/run` programs in the tree find out whom to ask for names; undefined if elsewhere. */
function resolverIn(root: string): string | undefined {
  try {
    const link = readlinkSync(`${root}/etc/resolv.conf`);
    const below = /^(?:\.\.)?\/run\/(.+)$/.exec(link)?.[1];
    return below?.split("/").includes("..") ? undefined : below;
  } catch {
    return undefined; // It is no link.
  }
}

/** Where something is mounted, as this process sees it. */
function mountPoints(): ReadonlySet<string> {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  const plain = (path = "") =>
    path.replace(/\\([0-7]{3})/g, (_all, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
  return new Set(lines.map((line) => plain(line.split(" ")[4])));
}

/**
 * Shell text that makes the mounts in `$d`, and calls `fail` if it cannot. `$first` is not empty in the
 * first process of a pid namespace. `$made` is what it made, last first: if `$undo` is `yes`, this is the machine's own mount namespace and the caller has to
 * undo them.
 */
export function makesMounts(shared: Shares): string {
  return shellText`
    e=$(printf %s "$d" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g');
    mounted() { cut -d" " -f5 /proc/self/mountinfo | grep -qxF -e "$e$1"; };
    # Not where a link leads, for that may lead out of the tree.
    within() { cd -P -- "$d/$p" 2>/dev/null && [ "$(pwd -P)" = "$d/$p" ]; };
    place() {
      p=$1; shift;
      case $p in */*) case " $made" in *" \${p%%/*} "*) ;; *) return 0;; esac;; esac;
      if mounted "/$p" || ! (within); then return 0; fi;
      (within && mount "$@" .) || fail "cannot mount $d/$p";
      made="$p $made";
    };
    # Else what is mounted below it would be below the machine's own, too.
    bound() {
      if ! [ -e "$2" ]; then return 0; fi;
      place "$1" --bind "$2";
      case $made in "$1 "*) mount --make-private "$d/$1" || fail "cannot make $d/$1 private";; esac;
    };
    # In a container nobody may make devices.
    device() {
      mknod -m 666 "$1" c "$2" "$3" 2>/dev/null || { : >"$1" && mount --bind "/dev/$1" "$1"; };
    };
    devices() {
      ${Object.entries(devices)
        .map(([name, numbers]) => `device ${name} ${numbers.join(" ")} &&`)
        .join(" ")}
      ${Object.entries(deviceLinks)
        .map(([name, target]) => `ln -s ${target} ${name} &&`)
        .join(" ")}
      mkdir pts shm;
    };
    run() {
      mkdir -m 1777 lock && : >${noLocks} || return 1;
      l=$(readlink "$d/etc/resolv.conf"); l=\${l#..};
      case $l in */../* | */..) return 0;; /run/?*) ;; *) return 0;; esac;
      if ! [ -e /etc/resolv.conf ]; then return 0; fi;
      l=\${l#/run/}; mkdir -p -- "$(dirname -- "$l")" && cat /etc/resolv.conf >"$l";
    };
    filled() {
      case $made in "$2 "*)
        (p=$2; umask 022; within && "$1") || fail "cannot make what is in $d/$2";;
      esac;
    };
    if [ -r /proc/self/mountinfo ] && [ "$d" != / ]; then
      # What is inside finds its root among the mounts.
      if [ "$undo" = no ] && ! mounted ""; then
        mount --rbind -- "$d" "$d" || fail "cannot mount $d";
      fi;
      # There is hardly a program that does without /dev/null.
      [ -e "$d/dev" ] || mkdir -m 755 -- "$d/dev" || exit 1;
      ${shared.includes("proc") ? "" : needsFirst}
      ${mountSet(shared).map(inShell).join(" ")}
    fi;
  `;
}

/** Shell text: only the first process of a pid namespace has a `/proc` to mount that is not the machine's. */
const needsFirst = shellText`
  p=proc;
  if [ -z "$first" ] && ! mounted /proc && (within); then
    fail "no pid namespace can be made here: say { shares: [\"proc\"] } to have the machine's /proc";
  fi;
`;

function inShell({ at, bind, type = "none", options = [], data, fill }: Placed): string {
  if (bind !== undefined) return `bound ${at} ${bind};`;
  const all = [...options, ...(data === undefined ? [] : [data])].join(",");
  const filled = fill === undefined ? "" : ` filled ${fill} ${at};`;
  return `place ${at} -t ${type} -o ${all} ${type};${filled}`;
}
