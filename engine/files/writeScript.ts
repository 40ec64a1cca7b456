import { shellText } from "../base/index.js";

/**
 * Finds the real place of `$1`: `d` is its directory (empty for the root directory), `b` its name.
 *
 * A symlink on the way must belong to uid 0 or to us: another account could have put it there to
 * make us write somewhere else.
 */
const resolve = shellText`
  trusted() {
    set -- "$1" $(ls -ldn -- "$1");
    [ "$4" = 0 ] || [ "$4" = "$(id -u)" ] || fail "the symlink $1 belongs to another account";
  };
  z=$1; p=; j=0;
  case $z in /*) ;; *) z=$PWD/$z;; esac;
  case $z in */|*/.|*/..) fail "Is a directory";; esac;
  while [ -n "$z" ]; do
    c=\${z%%/*};
    case $z in */*) z=\${z#*/};; *) z=;; esac;
    case $c in
      ""|.) ;;
      ..) p=\${p%/*};;
      *)
        if [ -h "$p/$c" ]; then
          j=$((j + 1)); if [ "$j" -gt 40 ]; then fail "Too many levels of symbolic links"; fi;
          trusted "$p/$c";
          l=$(readlink -- "$p/$c" && printf x) || exit 1; l=\${l%?x};
          case $l in /*) p=;; esac; z=$l/$z;
        elif [ -z "$z" ] || [ -d "$p/$c" ]; then p=$p/$c;
        else noWay "$p/$c"; fi;;
    esac;
  done;
  d=\${p%/*}; b=\${p##*/}
`;

/**
 * Writes stdin, which has `$6` bytes, to the file `$1`, by way of `$2` in the same directory, with
 * mode `$3`, user `$4` and group `$5` where these are not empty.
 *
 * Whoever owns the directory can put other things under our names in it at any moment. So it is
 * entered once, and what is changed is the file that was made, not what has its name by then.
 */
export const writeScript = shellText`
  LC_ALL=C; export LC_ALL;
  fail() { printf "%s\n" "$1" >&2; exit 1; };
  # ls says what is wrong with a directory: the shell may not.
  noWay() { ls -d -- "$1/." >/dev/null; exit 1; };
  hasAcl() { case $(ls -ld -- "$1") in ??????????+*) ;; *) false;; esac; };
  ${resolve};
  cd -P -- "\${d:-/}" 2>/dev/null || noWay "$d"; w=$(pwd -P && printf x);
  if [ "\${w%?x}" != "\${d:-/}" ]; then fail "its directory has been moved"; fi;
  r=./$b; t=./$2;
  if [ -d "$r" ]; then fail "Is a directory"; fi;
  if [ -p "$r" ] || [ -c "$r" ] || [ -b "$r" ] || [ -S "$r" ]; then fail "Is no regular file"; fi;
  trap "rm -f -- \"\$t\"" EXIT; trap "exit 143" TERM HUP INT PIPE;
  umask 077; set -C; exec 9>"$t" || exit 1;
  f=/proc/self/fd/9; if [ ! -e "$f" ]; then f=$t; fi;
  cat >&9 || exit 1;
  [ "$(wc -c <"$f")" -eq "$6" ] || fail "the content arrived incomplete";
  sync "$f" || exit 1;
  k=$r; if [ ! -e "$r" ]; then k=$f; fi;
  set -- "$@" $(stat -L -c "%a %u %g" -- "$k"); [ -n "$9" ] || exit 1;
  if [ "$k" = "$f" ]; then m=644; else
    m=$7;
    # A new file can have one too, from its directory.
    if hasAcl "$r" || hasAcl "$t"; then
      getfacl -cp -- "$r" 2>/dev/null | setfacl --set-file=- -- "$f" 2>/dev/null ||
        fail "it has an ACL, which cannot be kept without getfacl and setfacl (package acl)";
    fi;
  fi;
  # Only uid 0 can give a file away: for others owner and group are kept as far as that goes. The
  # owner comes before the mode, since chown clears the set-id bits.
  u=$4; if [ -z "$u" ] && [ "$(id -u)" = 0 ]; then u=$8; fi;
  chown -- "$u:\${5:-$9}" "$f" || [ -z "$u$5" ] || exit 1;
  chmod -- "\${3:-$m}" "$f" || exit 1;
  mv -fT -- "$t" "$r" || exit 1;
  sync . 2>/dev/null || sync
`;
