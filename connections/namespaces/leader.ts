/**
 * Where another process is: in its namespaces and its root directory, with its environment, as uid
 * 0 inside.
 */
import { z } from "zod";
import {
  becomeUser,
  confine,
  enterOpenRoot,
  type Form,
  form,
  type HopCommand,
  joinNamespaces,
  shellText,
  type Words,
} from "../../engine/index.js";
import { HeldProcess, itsOwn } from "./heldProcess.js";
import { asHop, logIn, lookUpSuperuser } from "./login.js";
import { findsPrograms, paths } from "./searchPath.js";

/** Variables that a shell keeps for itself. */
const ofShells = ["IFS", "PPID", "UID", "EUID", "BASHOPTS", "SHELLOPTS"];

/**
 * Shell text that runs inside. The environment comes as descriptor 3: on a command line other accounts
 * would see it, and programs outside must not heed what somebody in there says.
 */
const inside = shellText`
  eval "$(tr '\n\000' '\001\n' <&3 2>/dev/null | sed -n
    ${[...itsOwn, ...ofShells].map((name) => `-e '/^${name}=/d'`).join(" ")}
    -e "/$(printf '\001')/d" -e "s/'/'\\\\''/g"
    -e "s/^\([A-Za-z_][A-Za-z0-9_]*\)=\(.*\)$/export \1='\2';/p" 2>/dev/null)";
  exec 3<&-; cd /; exec "$@"
`;

/**
 * Shell text. Arguments: how many words find the process, these, whether what confines it may be
 * left off, the text above, the shell's words.
 *
 * The process is held by its directory in /proc, open as descriptor 4: whatever becomes of its number,
 * what is found through it is of that process. What is entered was looked at, through 5 and 6. None of
 * the three may be had inside, where they would lead out again: so this shell keeps them, and waits.
 */
const findAndEnter = shellText`
  ${findsPrograms}
  fail() { echo "$*" >&2; exit 1; };
  n=$1; f=$2; shift;
  for w in nsenter "$f"; do
    command -v "$w" >/dev/null || { echo "$w: not found" >&2; exit 127; };
  done;
  # The first words are the finder's: they go to the end, run there, and are dropped again.
  find() {
    i=0; a=$#;
    while [ "$i" -lt "$n" ]; do set -- "$@" "$1"; shift; i=$((i + 1)); done;
    shift $((a - n)); "$@";
  };
  p=$(find "$@") || fail "$f does not tell its process";
  case $p in "" | 0* | *[!0-9]*) fail "it does not run: $f says \"$p\"";; esac;
  exec 4<"/proc/$p" || exit 1;
  # The number was perhaps another's by the time it was used.
  [ "$(find "$@")" = "$p" ] || fail "it was replaced by another meanwhile";
  shift "$n"; trusted=$1; t=$2; shift 2;
  l=/proc/$$/fd/4;
  exec 5<"$l/ns/user" 6<"$l/ns/mnt" || exit 1;
  # Only those that differ: to enter the user namespace one is in already is not allowed.
  o=;
  differs() { [ "$(readlink "/proc/$$/fd/$1")" != "$(readlink "/proc/self/ns/$2")" ]; };
  if differs 6 mnt; then o=--mount=/proc/$$/fd/6; fi;
  if differs 5 user; then o="$o --user=/proc/$$/fd/5"; fi;
  # Its number may have become that of a process which is nowhere else than this shell.
  [ -n "$o" ] || fail "process $p is in no namespace of its own";
  for k in uts ipc net pid cgroup time; do
    w=$(readlink "$l/ns/$k") || continue;
    if [ "$w" != "$(readlink "/proc/self/ns/$k")" ]; then o="$o --$k=$l/ns/$k"; fi;
  done;
  of() { sed -n "s/^$1:[^0-9a-f]*//p" "$2/status"; };
  if [ "$trusted" != yes ]; then
    i="which a shell cannot take over: say trusted, or put node before this hop";
    case $(of NoNewPrivs "$l")$(of Seccomp "$l") in
      *[!0]*) fail "process $p is confined by no_new_privs or a seccomp filter, $i";;
    esac;
    case $o in
      *--user*) w=$(((2 << $(cat /proc/sys/kernel/cap_last_cap)) - 1));;
      *) w=$((0x$(of CapBnd /proc/self)));;
    esac;
    [ $((w & ~0x$(of CapBnd "$l"))) = 0 ] || fail "process $p has given up capabilities, $i";
  fi;
  # A namespace of one's own that forbids to change groups: one is its uid 0 as soon as one is there.
  if [ "$(id -u)" != 0 ] && [ "$(cat "$l/setgroups" 2>/dev/null)" = deny ]; then
    o="$o --preserve-credentials";
  fi;
  exec 3<"$l/environ" || exit 1;
  (exec 4<&- 5<&- 6<&-;
    exec env -i PATH=${paths.superuser} "$(command -v nsenter)" $o --root=$l/root --wd=$l/root --
      sh -c "$t" sh "$@");
  exit "$?"
`;

/** Where the process is that a command tells, and what may be done there. */
export interface Leading {
  /** The words of a command that prints the process's number, on the hop's near side. */
  readonly find: Words;
  /** What confines the process may be left off. */
  readonly trusted?: boolean;
}

/** The shell where that process is. */
export function besideLeader({ find, trusted = false }: Leading, shell: Words): HopCommand {
  const words = [find.length, ...find, trusted ? "yes" : "no", inside, ...shell];
  return { words: ["sh", "-c", findAndEnter, "sh", ...words] };
}

/**
 * The form by which this process goes there. `isOwned`: whoever tells the number may make it up, and
 * owns the user namespace that the process must be in.
 */
export function joining(description: string, leading: Leading, isOwned = false): Form {
  const { find, trusted = false } = leading;
  return joinsLeader(description, find.map(String), isOwned, trusted);
}

const joinsLeader = form("namespaces.joinsLeader", {
  args: z.tuple([z.string(), z.array(z.string()).min(1), z.boolean(), z.boolean()]),
  evaluate: (description, find, isOwned, trusted) =>
    asHop(description, () => join(new HeldProcess(find), isOwned, trusted)),
});

function join(leader: HeldProcess, isOwned: boolean, trusted: boolean): void {
  const others = leader.others();
  const isOtherUser = others.has("user");
  if (isOwned && !isOtherUser) throw leader.refused("is in no user namespace of its own");
  // Its number may have become that of a process which is nowhere else than this one.
  if (!isOtherUser && !others.has("mount")) throw leader.refused("is in no namespace of its own");
  const limits = leader.limits();
  if (limits.isFiltered && !trusted) {
    throw leader.refused("is confined by a seccomp filter, which this hop cannot take over", {
      hint: "say { trusted: true }, or enter it from a shell by a hop that uses its runtime's own exec",
    });
  }
  const environment = leader.environment();
  const root = leader.open("root");
  // Groups are dropped out here, where uid 0 may: inside that is not always allowed, and the groups mean
  // nothing in there.
  if (isOtherUser) dropGroups();
  joinNamespaces(others);
  enterOpenRoot(root);
  if (isOtherUser) {
    dropGroups();
    becomeUser({ uid: 0, gid: 0 });
  }
  // From here on programs of in there are run.
  confine(limits);
  leader.close();
  logIn(lookUpSuperuser());
  Object.assign(process.env, environment);
  process.chdir("/");
}

function dropGroups(): void {
  try {
    process.setgroups?.([]);
  } catch {
    // If that is forbidden the groups stay those of the account that has made the namespace.
  }
}
