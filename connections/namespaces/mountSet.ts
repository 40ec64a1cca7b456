/** What a chroot gets mounted: the file systems of the kernel, and what the machine runs. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mount, mountFlags, shellText, unshareNamespaces } from "../../engine/index.js";

/**
 * A file system and the directory it is mounted on. Where the tree has no such directory, it is not
 * mounted.
 */
interface Placed {
  /** Below the tree's root. What is below another of these is only mounted if that was. */
  readonly at: string;
  /**
   * The machine's own directory that is bound there. (A container may not mount such a file system
   * anew.)
   */
  readonly bind?: string;
  readonly type?: string;
  readonly options?: readonly (keyof typeof words)[];
  readonly data?: string;
}

const words = { ro: "readOnly", nosuid: "noSuid", nodev: "noDevices", noexec: "noExec" } as const;

const mountSet: readonly Placed[] = [
  { at: "proc", type: "proc", options: ["nosuid", "noexec", "nodev"] },
  { at: "sys", type: "sysfs", options: ["ro", "nosuid", "noexec", "nodev"] },
  { at: "sys/firmware/efi/efivars", bind: "/sys/firmware/efi/efivars" },
  { at: "dev", bind: "/dev" },
  {
    at: "dev/pts",
    type: "devpts",
    options: ["nosuid", "noexec"],
    data: "mode=0620,gid=5,ptmxmode=0666",
  },
  { at: "dev/shm", type: "tmpfs", options: ["nosuid", "nodev"], data: "mode=1777" },
  { at: "run", bind: "/run" },
  { at: "tmp", type: "tmpfs", options: ["nosuid", "nodev"], data: "mode=1777" },
];

/**
 * Makes the mounts in the tree, in a mount namespace of this process's own. What is mounted on the
 * machine later is seen in there too; what is mounted here, nowhere else.
 */
export function makeMounts(root: string): void {
  unshareNamespaces("mount");
  mount({ source: "none", target: "/", flags: mountFlags.slave | mountFlags.recursive });
  if (root === "/") return;
  const before = mountPoints();
  if (!before.has(root)) {
    mount({ source: root, target: root, flags: mountFlags.bind | mountFlags.recursive });
  }
  // There is hardly a program that does without /dev/null.
  if (!existsSync(`${root}/dev`)) mkdirSync(`${root}/dev`, { mode: 0o755 });
  const made = new Set<string>();
  for (const placed of mountSet) {
    const { at, bind } = placed;
    const [above = "", ...below] = at.split("/");
    const isFree = !before.has(`${root}/${at}`) && (below.length === 0 || made.has(above));
    if (!isFree || (bind !== undefined && !existsSync(bind))) continue;
    if (!entersWithin(`${root}/${at}`)) continue;
    mountHere(placed);
    made.add(at);
  }
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
 * Shell text that makes the mounts in `$d`, and calls `fail` if it cannot. `$made` is what it made,
 * last first: if `$undo` is `yes`, this is the machine's own mount namespace and the caller has to
 * undo them.
 */
export const makesMounts = shellText`
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
  if [ -r /proc/self/mountinfo ] && [ "$d" != / ]; then
    # What is inside finds its root among the mounts.
    if [ "$undo" = no ] && ! mounted ""; then
      mount --rbind -- "$d" "$d" || fail "cannot mount $d";
    fi;
    # There is hardly a program that does without /dev/null.
    [ -e "$d/dev" ] || mkdir -m 755 -- "$d/dev" || exit 1;
    ${mountSet.map(inShell).join(" ")}
  fi;
`;

function inShell({ at, bind, type = "none", options = [], data }: Placed): string {
  if (bind !== undefined) return `bound ${at} ${bind};`;
  const all = [...options, ...(data === undefined ? [] : [data])].join(",");
  return `place ${at} -t ${type} -o ${all} ${type};`;
}
