/** The way to a path on a host, in sh: gone step by step, so that no other account leads us elsewhere. */
import { shellText } from "../base/index.js";

/**
 * `at PATH [follow] [part]` finds out what is at the path, and by which way:
 *
 *     d  its real directory, with no symlink in it; empty for the root directory
 *     b  its name there
 *     x  what lstat says of it: type and mode, uid, gid, device:inode, size; empty if nothing is there
 *     f  set if nobody else can put another directory in the place of d
 *     c  set if nobody else can put anything into d
 *     o  the uid of d
 *
 * "Nobody else": nobody but uid 0, we, and the owner of `/`, to whom all that is below it belongs anyway.
 * A symlink is followed only if it belongs to one of these, and if nobody else can change the way to
 * it: who can rename a link decides where it leads. With `part`, what is no directory on the way is
 * told as what is at the path, and `y` is what comes after it.
 *
 * `enter` goes into d, and from there on `./$b` is the path. Where somebody else can change the way,
 * it makes sure that the directory is the one that was looked at, by those above it.
 *
 * `hold` gives what is there a name that nobody else can take away from it: `q`. Where nobody
 * else can put anything, that is `./$b`. Elsewhere a directory is gone into, and for anything else
 * `room` makes one: a directory that only we can enter, and in it a second name, `./old`. It is called
 * `$CONSFIG_ROOM`, which nobody else can know before it is there; `v` is its name as long as we are in it.
 */
export const way = shellText`
  LC_ALL=C; export LC_ALL;
  j=$PWD; v=;
  fail() { printf "%s\n" "$1" >&2; exit 1; };
  # ls says what is wrong: the shell may not.
  noWay() { ls -d -- "$1" >/dev/null && fail "it was replaced meanwhile"; exit 1; };
  mine() { [ "$1" = 0 ] || [ "$1" = "$top" ] || { me=\${me:-$(id -u)}; [ "$1" = "$me" ]; }; };
  hasAcl() { case $(ls -ld -- "$1") in ??????????+*) ;; *) false;; esac; };
  # A group that has its owner's name, and no members, is the owner's alone; so is that of uid 0. What
  # an ACL gives to others is shown as if it were the group's. Nothing is in a symlink.
  shared() {
    case $1 in a*) return 1;; esac;
    [ $((0x$1 & 2)) = 0 ] || return 0; [ $((0x$1 & 16)) != 0 ] || return 1;
    if hasAcl "$3"; then return 0; fi;
    set -- "$2" $(stat -c "%U %G" -- "$3");
    [ "$1" = 0 ] || { [ "$2" = "$3" ] && [ "$2" != UNKNOWN ]; } || return 0;
    case $(getent group "$3" 2>/dev/null || grep "^$3:" /etc/group) in *:) return 1;; esac;
  };
  nameOf() { set -- $(stat -c "%U %u" -- "$1"); case $1 in ""|UNKNOWN) echo "uid $2";; *) echo "$1";; esac; };
  others() { if mine "$(stat -c %u -- "$1")"; then echo others; else nameOf "$1"; fi; };
  # It leads each process that asks to a place of its own.
  isOwn() { [ "$1" = /proc/self ] || [ "$1" = /proc/thread-self ]; };
  at() {
    a=$1; t=$2; h=$3; p=; n=0; case $a in /*) ;; *) a=$j/$a;; esac;
    [ "\${#a}" -lt 4096 ] || fail "File name too long";
    while :; do
      # As far as the next "..", which is the directory above the real one.
      r=;
      while [ -n "$a" ]; do
        e=\${a%%/*};
        case $e in ""|.) ;; ..) if [ -n "$r" ]; then break; fi; p=\${p%/*};; *) r=$r/$e;; esac;
        case $a in */*) a=\${a#*/};; *) a=;; esac;
      done;
      set -- /; l=; y=$p$r;
      while [ -n "$y" ]; do
        y=\${y#/}; l=$l/\${y%%/*}; case $y in */*) y=/\${y#*/};; *) y=;; esac; set -- "$@" "$l";
      done;
      set -- $(stat -c "%f %u %g %d:%i %s" -- "$@" 2>/dev/null);
      [ $# -gt 0 ] || fail "File name too long";
      top=$2; l=; y=$p$r; f=1; c=1; s=; k=; w=; o=0;
      while :; do
        x=\${1:+"$1 $2 $3 $4 $5"}; e=$f;
        if [ -z "$c" ] && ! { [ -n "$s" ] && mine "$2"; }; then
          e=; [ -n "$w" ] || { w=\${l%/*}; w=\${w:-/}; };
        fi;
        case $x in
          a*)
            if [ -n "$t$y$a" ] && ! isOwn "$l"; then
              mine "$2" || fail "the symlink $l belongs to $(nameOf "$l")";
              [ -n "$e" ] || fail "the symlink $l is in $w, which $(others "$w") can change";
              n=$((n + 1)); [ "$n" -le 40 ] || fail "Too many levels of symbolic links";
              e=$(readlink -- "$l" && printf x) || exit 1; e=\${e%?x};
              case $e in /*) p=;; *) p=\${l%/*};; esac; a=$e$y/$a; continue 2;
            fi;;
          4*) ;;
          *) if [ -n "$y$a" ]; then if [ -n "$h" ] && [ -z "$a" ]; then break 2; fi; noWay "$l/."; fi;;
        esac;
        if [ -z "$y" ]; then break; fi;
        f=$e; k="$4 $k"; c=; s=; o=$2;
        if mine "$2"; then
          if ! shared "$1" "$3" "\${l:-/}"; then c=1; elif [ $((0x$1 & 512)) != 0 ]; then s=1; fi;
        fi;
        y=\${y#/}; l=$l/\${y%%/*}; case $y in */*) y=/\${y#*/};; *) y=;; esac; shift 5 2>/dev/null || set --;
      done;
      if [ -z "$a" ]; then break; fi; p=$p$r;
    done;
    d=\${l%/*}; b=\${l##*/}; b=\${b:-.};
  };
  enter() {
    cd -P -- "\${d:-/}" 2>/dev/null || noWay "$d/.";
    if [ -z "$f" ]; then
      e=.; set --; for z in $k; do set -- "$@" "$e"; e=$e/..; done;
      set -- $(stat -c %d:%i -- "$@"); [ "$* " = "$k" ] || fail "its directory was replaced meanwhile";
    fi;
  };
  room() {
    e=$(stat -c %d:%i .); v=$CONSFIG_ROOM; mkdir -m 700 -- "./$v" || exit 1;
    trap leave EXIT; trap "exit 143" TERM HUP INT PIPE;
    cd -P -- "./$v" && [ -O . ] && [ "$(stat -c %d:%i ..)" = "$e" ] || fail "it was replaced meanwhile";
  };
  leave() { rm -f -- ./new ./old; cd -P .. && rmdir -- "./$v"; v=; };
  # No names but this one and those in rooms of ours: of whoever works here now, or was killed.
  isSole() {
    for i in 1 2 3 4 5; do
      n=$(stat -c %h -- "$q");
      for e in ../.consfig-*/old; do
        if [ "$e" -ef "$q" ] && [ -O "\${e%/*}" ] && ! [ -h "\${e%/*}" ]; then n=$((n - 1)); fi;
      done;
      if [ "$n" -le 1 ]; then return; fi;
    done;
    false;
  };
  hold() {
    if [ -n "$c" ]; then q=./$b; return; fi;
    set -- $x; e="$1 $4";
    case $x in
      4*) cd -P -- "./$b" || exit 1; q=.;;
      # What has the name in the room is held. Its number may be new: some overlays give it one for the link.
      *) room; ln -- "../$b" ./old || exit 1; q=./old; e="$1 *";;
    esac;
    set -- $(stat -c "%f %u %g %d:%i %s %h" -- "$q");
    case "$1 $4" in $e) ;; *) fail "it was replaced meanwhile";; esac; x="$1 $2 $3 $4 $5";
    # Who can write to the directory may have put there what is not theirs, by a rename or a hard link.
    mine "$2" || [ "$2" = "$o" ] ||
      fail "it belongs to $(nameOf "$q"), in \${d:-/}, which $(others ..) can change";
    case $x in 8*) [ "$6" = 2 ] || isSole ||
      fail "it is a hard link, in \${d:-/}, which $(others ..) can change";; esac;
  }
`;
