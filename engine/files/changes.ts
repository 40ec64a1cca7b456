/** What changes what is at a path, in sh. Each script has its arguments as `$1` and so on. */
import { shellText } from "../base/index.js";
import { beside } from "./beside.js";
import { way } from "./way.js";

/**
 * `give OWNER` gives `$q` away. Whoever could write to what was another account's must not be able to,
 * now that it is not.
 */
const give = shellText`
  give() {
    chown -h -- "$1" "$q" || exit 1;
    case $x in a*) return;; esac;
    set -- $x;
    if mine "$2" || [ "$(stat -c %u -- "$q")" = "$2" ]; then return; fi;
    chmod u-s,go-ws -- "$q" || exit 1;
  }
`;

/**
 * `$1` is a directory, and so is all on the way to it; with mode `$2`, user `$3` and group `$4` where
 * these are not empty.
 */
export const makeDirectoryScript = shellText`
  ${way}; ${give};
  # Nobody gets into the directory before all is right. Somebody else may make it at the same time.
  make() { set -- "$1" \${2:+-m 700}; [ -d "$1" ] || mkdir $2 $3 -- "$1" || [ -d "$1" ] || exit 1; };
  while at "$1" follow part; do case $x$y in
    "") (enter; make "./$b" "$2") || exit 1;;
    /*) (enter; make "./$b") || exit 1;;
    4*) break;;
    *) noWay "$d/$b/.";;
  esac; done;
  if [ -n "$2$3$4" ]; then
    enter; hold;
    if [ -n "$3" ]; then give "$3"; fi;
    if [ -n "$4" ]; then chgrp -h -- "$4" "$q" || exit 1; fi;
    if [ -n "$2" ]; then chmod -- "$2" "$q" || exit 1; fi;
  fi
`;

/** The mode of what is at `$1`, which is no symlink, is `$2`. */
export const setModeScript = shellText`
  ${way}; at "$1";
  case $x in "") noWay "$d/$b";; a*) fail "Is a symlink";; esac;
  enter; hold; chmod -- "$2" "$q"
`;

/** The user `$2` and the group `$3`, if not empty, own what is at `$1`: a symlink itself, if it is one. */
export const setOwnerScript = shellText`
  ${way}; ${give}; at "$1"; if [ -z "$x" ]; then noWay "$d/$b"; fi;
  enter; hold;
  if [ -n "$2" ]; then give "$2"; fi;
  if [ -n "$3" ]; then chgrp -h -- "$3" "$q"; fi
`;

/**
 * Nothing is at `$1`. `$2` says what of directories goes: a `whole` one, an `empty` one, or `none`.
 *
 * GNU's rm goes into directories by descriptors. Others go by names, which the owner of a directory
 * can exchange for symlinks meanwhile: `wipe` makes sure of each that it goes into.
 */
export const removeScript = shellText`
  ${way};
  wipe() {
    for e in ./* ./.[!.]* ./..?*; do
      if [ -d "$e" ] && ! [ -h "$e" ]; then
        (v=$(stat -c %d:%i -- "$e") && cd -P -- "$e" && [ "$(stat -c %d:%i .)" = "$v" ] && wipe) &&
          rmdir -- "$e" || return 1;
      elif [ -e "$e" ] || [ -h "$e" ]; then rm -f -- "$e" || return 1; fi;
    done;
  };
  # Whether nothing is there can be told only by who may enter its directory.
  at "$1" "" part; enter; if [ -z "$x" ] || [ -n "$y" ]; then exit 0; fi;
  case $2$x in
    empty4*) rmdir -- "./$b";;
    whole4*)
      case $(rm --version 2>/dev/null) in *GNU*) exec rm -rf -- "./$b";; esac;
      set -- $x;
      (cd -P -- "./$b" && [ "$(stat -c %d:%i .)" = "$4" ] && wipe) && rmdir -- "./$b";;
    *) rm -f -- "./$b";;
  esac
`;

/** A symlink to `$2` is at `$1`, in place of what was there, if that is no directory. */
export const makeSymlinkScript = shellText`
  ${way}; ${beside}; at "$1"; case $x in 4*) fail "Is a directory";; esac;
  enter; beside; ln -s -- "$2" "$t" || exit 1; replace
`;

/**
 * `$1` is a copy of the file `$2`, with its mode, owner, times and ACL; without its set-id bits where
 * somebody else can put another file into its place.
 */
export const copyScript = shellText`
  ${way}; ${beside};
  at "$2" follow;
  case $x in "") noWay "$d/$b";; 8*) ;; 4*) fail "$2: Is a directory";; *) fail "$2: Is no regular file";; esac;
  enter; hold; exec 8<"$q" || exit 1;
  source=/proc/self/fd/8; firm=$f$c; if [ -z "$c" ]; then leave; trap - EXIT; fi;
  if ! [ -e "$source" ] && [ "$firm" = 11 ]; then source=$d/$b; fi;
  at "$1"; case $x in ""|[8a]*) ;; 4*) fail "Is a directory";; *) fail "Is no regular file";; esac;
  enter; beside; cp -p -- "$source" "$t" || exit 1;
  if [ "$firm" != 11 ]; then chmod u-s,g-s -- "$t" || exit 1; fi;
  sync "$t" || exit 1; replace
`;

/** Prints `empty` if `$1` is a directory with nothing in it. */
export const isEmptyScript = shellText`
  ${way}; at "$1" "" part;
  enter; case $y$x in 4*) ;; *) exit 0;; esac;
  cd -P -- "./$b" || exit 1; set -- $x;
  [ -n "$c" ] || [ "$(stat -c %d:%i .)" = "$4" ] || fail "it was replaced meanwhile";
  e=$(ls -A .) || exit 1; [ -n "$e" ] || echo empty
`;
