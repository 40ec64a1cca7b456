import { realpathSync } from "node:fs";
import { z } from "zod";
import { enterRoot, form, type HopCommand, hopType, shellText } from "../../engine/index.js";
import {
  asHop,
  findsPrograms,
  logIn,
  lookUpSuperuser,
  makeMounts,
  makesMounts,
  needUid0,
  paths,
  type Shares,
  shares,
} from "../namespaces/shared.js";

const directory = z
  .string()
  .regex(/^\/[^\n\0]*$/, "expected the absolute path of a directory, in one line");

const options = z.strictObject({ shares: shares.exactOptional() });

/** How a directory is entered. */
export interface ChrootOptions {
  /**
   * What is the machine's own in there, as boot loaders need it: `/run`, `/dev`, or `/proc` with all of
   * the machine's processes. By default nothing is.
   */
  readonly shares?: Shares;
}

const enter = form("chroot.enter", {
  args: z.tuple([directory, options.exactOptional()]),
  evaluate: (directory, { shares = [] } = {}) =>
    asHop(`chroot ${directory}`, () => {
      needUid0("chroot");
      const root = realpathSync(directory);
      makeMounts(root, shares);
      enterRoot(root);
      logIn(lookUpSuperuser());
    }),
});

/**
 * Shell text that runs inside. What asks for an account would wait for ever for what is no plain file to be
 * written. Until this runs nothing of the tree may be run: the first process has the machine's root.
 */
const begins = shellText`
  for f in passwd group; do
    if [ -e "/etc/$f" ] && ! [ -f "/etc/$f" ]; then
      echo "chroot: /etc/$f is no plain file there" >&2; exit 1;
    fi;
  done;
  h=~root; if [ -d "$h" ]; then HOME=$h; fi; cd -- "$HOME" || cd /;
`;

/**
 * Shell text. Arguments: whether mounts are to be undone, whether this is the first process of a pid
 * namespace, the directory, the command.
 */
function makeAndEnter(shared: Shares): string {
  return shellText`
    fail() { echo "chroot: $*" >&2; exit 1; };
    undo=$1; first=$2; d=$3; shift 3; made= ;
    # What ends the command ends it; this shell has mounts to undo then.
    if [ "$undo" = yes ]; then
      trap 'for p in $made; do umount -l "$d/$p"; done' EXIT; trap : HUP INT TERM PIPE;
    fi;
    ${makesMounts(shared)}
    # The first process stays until the command has ended, and takes care of orphans; all ends with it.
    t='exec "$@"'; if [ -n "$first" ]; then t='"$@"; exit "$?"'; fi;
    set -- env -i \${TERM:+"TERM=$TERM"} PATH=${paths.superuser} USER=root LOGNAME=root
      SHELL=/bin/sh HOME=/ chroot "$d" sh -c '${begins} '"$t" sh "$@";
    cd /;
    if [ "$undo" = no ]; then exec "$@"; fi;
    "$@"
  `;
}

/** Shell text. Arguments: the directory, whether it shares `/proc`, the text above, the command. */
const begin = shellText`
  ${findsPrograms}
  fail() { echo "chroot: $*" >&2; exit 1; };
  [ "$(id -u)" = 0 ] || fail "needs uid 0";
  d=$(cd -P -- "$1" && pwd -P) || fail "cannot enter $1";
  shared=$2; t=$3; shift 3;
  # The whole machine is no tree of its own.
  if [ "$d" = / ]; then shared=yes; fi;
  w="-m --propagation slave"; p=" -p -f"; if [ "$shared" = yes ]; then p=; fi;
  # Mounts and processes of its own end with the last process that has them.
  for u in "unshare$p \${p:+--kill-child}" "unshare$p" "busybox unshare$p"; do
    if $u $w true 2>/dev/null; then exec $u $w sh -c "$t" sh no "\${p:+first}" "$d" "$@"; fi;
  done;
  exec sh -c "$t" sh yes "" "$d" "$@"
`;

/**
 * The directory is the root, for uid 0, on the host before; its home and its environment are those
 * it has in there. Needs uid 0.
 *
 * File systems of the kernel are mounted inside, a small `/dev`, `/run` and `/tmp` of its own: where the
 * tree has directories for them that are no mount points yet. (A tree without `/dev` gets that
 * directory.) They are mounted for what runs in there alone: nothing is left behind. Nor are processes:
 * daemons that are started in there end with the hop.
 */
export const chroot = hopType<"same", [directory: string, options?: ChrootOptions]>("chroot", {
  gives: "same",
  args: z.tuple([directory, options.exactOptional()]),
  desc: (_context, directory) => `chroot ${directory}`,
  wrap: async (_context, shell, directory, { shares = [] } = {}): Promise<HopCommand> => {
    const sharesProc = shares.includes("proc") ? "yes" : "no";
    const words = [directory, sharesProc, makeAndEnter(shares), ...shell];
    return { words: ["sh", "-c", begin, "sh", ...words] };
  },
  enter,
});
