/** Containers whose processes are confined, and numbers that become those of other processes. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { killIfThere } from "../../helpers/processes.js";
import { busyboxTree, Leader, removeTree, standIns } from "./trees.js";

/** What confines whoever asks, in one line. */
export const limits =
  "grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status | tr -d '\\t' | tr '\\n' ' '";

/** The capabilities that the container below has: chown, kill, setgid, setuid and sys_chroot. */
export const few = "00000000000400e1";
const fewWords = ["setpriv", "--bounding-set", "-all,+chown,+kill,+setgid,+setuid,+sys_chroot"];

/** Ways to start a container, by what confines it. */
export const confinements = {
  nothing: { words: [], chroot: [] },
  capabilities: { words: fewWords, chroot: ["--userspec=999:999"] },
  "capabilities and no_new_privs": { words: [...fewWords, "--no-new-privs"], chroot: [] },
} as const;

/** Does the work with a container that is started like that: a tree with nothing but busybox. */
export async function inContainer(
  { words, chroot }: (typeof confinements)[keyof typeof confinements],
  work: (leader: Leader, tree: string) => Promise<void>,
): Promise<void> {
  const tree = busyboxTree({ proc: {}, dev: {}, "etc/passwd": "root:x:0:0::/:/bin/sh\n" });
  execFileSync("cp", ["-a", "/dev/null", `${tree}/dev`]);
  const options = ["-muinpf", `--mount-proc=${tree}/proc`, ...words, "chroot", ...chroot, tree];
  const leader = await Leader.start(options, []);
  try {
    await work(leader, tree);
  } finally {
    await leader.end();
    removeTree(tree);
  }
}

/** Shell text: the container's first process is ended, and its number becomes that of another, out here. */
const replace = `
  kill -KILL "$p"; while [ -e "/proc/$p" ]; do sleep 0.01; done
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    echo $((p - 1)) >/proc/sys/kernel/ns_last_pid
    sleep 1000 </dev/null >/dev/null 2>&1 & q=$!
    [ "$q" = "$p" ] && break; kill "$q"
  done
  [ "$q" = "$p" ] && echo "$q" >"$d/replaced"`;

/**
 * Does the work with programs that find the container, of which one replaces it before it does what it
 * is asked: the one that finds, when it is asked again, or `nsenter`.
 */
export async function withReplacing(
  which: "machinectl" | "nsenter",
  leader: Leader,
  work: () => Promise<void>,
): Promise<void> {
  const { PATH } = process.env;
  const begin = `d=\${0%/*}; p=${leader.pid}`;
  const isSecond = '[ -e "$d/asked" ]';
  const programs = standIns({
    machinectl: `${begin}
      if [ ${which} = machinectl ] && ${isSecond}; then ${replace}; fi; : >"$d/asked"; echo "$p"`,
    nsenter: `${begin}; ${which === "nsenter" ? replace : ":"}; exec /usr/bin/nsenter "$@"`,
  });
  process.env.PATH = `${programs}:${PATH}`;
  try {
    await work();
    // Else the spec has shown nothing.
    killIfThere(Number(readFileSync(`${programs}/replaced`, "utf8")));
  } finally {
    process.env.PATH = PATH;
    rmSync(programs, { recursive: true });
  }
}
