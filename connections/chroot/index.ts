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
} from "../namespaces/shared.js";

const directory = z
  .string()
  .regex(/^\/[^\n\0]*$/, "expected the absolute path of a directory, in one line");

const enter = form("chroot.enter", {
  args: z.tuple([directory]),
  evaluate: (directory) =>
    asHop(`chroot ${directory}`, () => {
      needUid0("chroot");
      const root = realpathSync(directory);
      makeMounts(root);
      enterRoot(root);
      logIn(lookUpSuperuser());
    }),
});

/** Shell text. Arguments: whether mounts are to be undone, the directory, the command. */
const makeAndEnter = shellText`
  fail() { echo "chroot: $*" >&2; exit 1; };
  undo=$1; d=$2; shift 2; made= ;
  # What ends the command ends it; this shell has mounts to undo then.
  if [ "$undo" = yes ]; then
    trap 'for p in $made; do umount -l "$d/$p"; done' EXIT; trap : HUP INT TERM PIPE;
  fi;
  ${makesMounts}
  set -- env -i \${TERM:+"TERM=$TERM"} PATH=${paths.superuser} USER=root LOGNAME=root
    SHELL=/bin/sh HOME=/ chroot "$d" sh -c
    'h=~root; if [ -d "$h" ]; then HOME=$h; fi; cd -- "$HOME" || cd /; exec "$@"' sh "$@";
  cd /;
  if [ "$undo" = no ]; then exec "$@"; fi;
  "$@"
`;

/** Shell text. Arguments: the directory, the text above, the command. */
const begin = shellText`
  ${findsPrograms}
  fail() { echo "chroot: $*" >&2; exit 1; };
  [ "$(id -u)" = 0 ] || fail "needs uid 0";
  d=$(cd -P -- "$1" && pwd -P) || fail "cannot enter $1";
  t=$2; shift 2;
  set -- sh -c "$t" sh no "$d" "$@";
  # Mounts of its own end with the last process that has them.
  if unshare -m --propagation slave true 2>/dev/null; then
    exec unshare -m --propagation slave "$@";
  fi;
  shift 5; exec sh -c "$t" sh yes "$@"
`;

/**
 * The directory is the root, for uid 0, on the host before; its home and its environment are those
 * it has in there. Needs uid 0.
 *
 * The kernel's file systems are mounted inside, with the machine's `/dev` and `/run` and a `/tmp` of
 * its own: where the tree has directories for them that are no mount points yet. (A tree without
 * `/dev` gets that directory.) They are mounted for what runs in there alone: nothing is left behind.
 */
export const chroot = hopType<"same", [directory: string]>("chroot", {
  gives: "same",
  args: z.tuple([directory]),
  desc: (_context, directory) => `chroot ${directory}`,
  wrap: async (_context, shell, directory): Promise<HopCommand> => ({
    words: ["sh", "-c", begin, "sh", directory, makeAndEnter, ...shell],
  }),
  enter,
});
