/**
 * Where another process is: in its namespaces and its root directory, with its environment, as uid
 * 0 inside.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { z } from "zod";
import {
  becomeUser,
  enterRoot,
  form,
  type HopCommand,
  HopFailed,
  joinNamespaces,
  type Namespace,
  shellText,
  type Words,
} from "../../engine/index.js";
import { asHop, logIn, lookUpSuperuser } from "./login.js";
import { findsPrograms, paths } from "./searchPath.js";

/** Variables for the first process alone: they speak of descriptors that its children do not have. */
const itsOwn = ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];
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

/** Shell text. Arguments: how many words find the process, these, the text above, the shell's words. */
const findAndEnter = shellText`
  ${findsPrograms}
  fail() { echo "$*" >&2; exit 1; };
  n=$1; f=$2; shift;
  for w in nsenter "$f"; do
    command -v "$w" >/dev/null || { echo "$w: not found" >&2; exit 127; };
  done;
  # The first words are the finder's: they go to the end, run there, and are dropped again.
  i=0; a=$#;
  p=$(while [ "$i" -lt "$n" ]; do set -- "$@" "$1"; shift; i=$((i + 1)); done;
    shift $((a - n)); "$@") || fail "$f does not tell its process";
  case $p in "" | 0* | *[!0-9]*) fail "it does not run: $f says \"$p\"";; esac;
  shift "$n"; t=$1; shift;
  # Only those that differ: to enter the user namespace one is in already is not allowed.
  o=; for k in m:mnt u:uts i:ipc n:net p:pid C:cgroup U:user T:time; do
    l=$(readlink "/proc/$p/ns/\${k#*:}") || continue;
    if [ "$l" != "$(readlink "/proc/self/ns/\${k#*:}")" ]; then o="$o -\${k%:*}"; fi;
  done;
  # A namespace of one's own that forbids to change groups: one is its uid 0 as soon as one is there.
  if [ "$(id -u)" != 0 ] && [ "$(cat "/proc/$p/setgroups" 2>/dev/null)" = deny ]; then
    o="$o --preserve-credentials";
  fi;
  exec 3<"/proc/$p/environ" || exit 1;
  exec env -i PATH=${paths.superuser} "$(command -v nsenter)" $o -t "$p" -r -w --
    sh -c "$t" sh "$@"
`;

/** The shell where the process is whose number the command prints, on the hop's near side. */
export function besideLeader(find: Words, shell: Words): HopCommand {
  return {
    words: ["sh", "-c", findAndEnter, "sh", find.length, ...find, inside, ...shell],
  };
}

/** The same for this process: it goes where the process is whose number the command prints. */
export const joinsLeader = form("namespaces.joinsLeader", {
  args: z.tuple([z.string(), z.array(z.string()).min(1)]),
  evaluate: (description, find) => asHop(description, () => join(leaderBy(find))),
});

function leaderBy([program = "", ...words]: readonly string[]): number {
  const { error, status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8" });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new HopFailed(`${program} is not installed`);
  }
  if (status !== 0) throw new HopFailed(`it does not tell its process: ${error ?? stderr.trim()}`);
  if (!/^[1-9]\d*$/.test(stdout.trim())) throw new HopFailed(`it does not run: ${stdout.trim()}`);
  return Number(stdout);
}

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

function join(pid: number): void {
  const [its, ours] = [`/proc/${pid}`, "/proc/self"].map(
    (process) => (name: string) => `${process}/ns/${name}`,
  ) as [Name, Name];
  // The kernel forbids to enter the user namespace that a process is in already.
  const others = [...kinds].filter(
    ([, name]) => readlinkSync(its(name)) !== readlinkSync(ours(name)),
  );
  const environment = environmentOf(pid);
  // The path is meant in that process's mount namespace: it is not walked from out here.
  const root = readlinkSync(`/proc/${pid}/root`);
  const isOtherUser = others.some(([kind]) => kind === "user");
  // Groups are dropped out here, where uid 0 may: inside that is not always allowed, and the groups mean
  // nothing in there.
  if (isOtherUser) dropGroups();
  joinNamespaces(new Map(others.map(([kind, name]) => [kind, its(name)])));
  enterRoot(root);
  if (isOtherUser) {
    dropGroups();
    becomeUser({ uid: 0, gid: 0 });
  }
  logIn(lookUpSuperuser());
  Object.assign(process.env, environment);
  process.chdir("/");
}

type Name = (name: string) => string;

function dropGroups(): void {
  try {
    process.setgroups?.([]);
  } catch {
    // If that is forbidden the groups stay those of the account that has made the namespace.
  }
}

function environmentOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8")
    .split("\0")
    .map((one): [string, string] => {
      const at = one.indexOf("=");
      return [one.slice(0, Math.max(at, 0)), one.slice(at + 1)];
    });
  return Object.fromEntries(entries.filter(([name]) => name !== "" && !itsOwn.includes(name)));
}
