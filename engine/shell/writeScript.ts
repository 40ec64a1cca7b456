import { oneLine } from "./program.js";

/**
 * Sets `r` to the real path of `$1`, `P` to its directory (empty for the root directory).
 *
 * A symlink on the way must belong to uid 0 or to us: another account could have put it there to
 * make us write somewhere else.
 */
export const resolveScript = oneLine(String.raw`
  fail() { printf "%s\n" "$1" >&2; exit 1; };
  ours() { set -- $(LC_ALL=C ls -ldn -- "$1"); [ "$3" = 0 ] || [ "$3" = "$(id -u)" ]; };
  trusted() { if ! ours "$1"; then fail "the symlink $1 belongs to another account"; fi; };
  way() { w=; z=${"$"}{1#/};
    while [ -n "$z" ]; do
      w=$w/${"$"}{z%%/*};
      case $z in */*) z=${"$"}{z#*/};; *) z=;; esac;
      if [ -h "$w" ]; then trusted "$w"; fi;
    done; };
  r=$1; j=0;
  while :; do
    case $r in */*) d=${"$"}{r%/*};; *) d=.;; esac; b=${"$"}{r##*/};
    if [ -z "$b" ] || [ "$b" = . ] || [ "$b" = .. ]; then fail "Is a directory"; fi;
    P=$(cd -P -- "${"$"}{d:-/}" && pwd -P && printf x) || exit 1; P=${"$"}{P%?x};
    if [ "$P" != "${"$"}{d:-/}" ]; then way "$d"; fi;
    if [ "$P" = / ]; then P=; fi;
    if [ ! -h "$P/$b" ]; then break; fi;
    trusted "$P/$b"; j=$((j + 1));
    if [ "$j" -gt 40 ]; then fail "Too many levels of symbolic links"; fi;
    r=$(readlink -- "$P/$b" && printf x) || exit 1; r=${"$"}{r%?x};
    case $r in /*) ;; *) r=$P/$r;; esac;
  done;
  r=$P/$b
`);

/**
 * Writes stdin to the file `$1`, by way of `$2` in the same directory, with mode `$3`, user `$4` and
 * group `$5` where these are not empty. With a size `$6` the content is in `$2` already.
 */
export const writeScript = oneLine(String.raw`
  ${resolveScript};
  if [ -d "$r" ]; then fail "Is a directory"; fi;
  if [ -e "$r" ] && [ ! -f "$r" ]; then fail "Is no regular file"; fi;
  t=$P/$2;
  trap "rm -f -- \"\$t\"" EXIT; trap "exit 143" TERM HUP INT;
  if [ -n "$6" ]; then
    if [ "$(wc -c <"$t")" -ne "$6" ]; then fail "the content arrived incomplete"; fi;
  else
    umask 077; set -C; cat >"$t" || exit 1; set +C;
  fi;
  m=644;
  if [ -e "$r" ]; then
    x=$(LC_ALL=C stat -c "%a %u:%g" -- "$r") || exit 1; m=${"$"}{x% *};
    # Only uid 0 can give a file away; for others the owner is kept as far as that goes.
    if ! chown -- "${"$"}{x#* }" "$t" 2>/dev/null && [ "$(id -u)" = 0 ]; then fail "the owner cannot be kept"; fi;
    case $(LC_ALL=C ls -ld -- "$r") in ??????????+*)
      getfacl -cp -- "$r" 2>/dev/null | setfacl --set-file=- -- "$t" 2>/dev/null ||
        fail "it has an ACL, which cannot be kept without getfacl and setfacl (package acl)";;
    esac;
  fi;
  # The owner comes before the mode, since chown clears the set-id bits.
  if [ -n "$4" ]; then chown -- "$4" "$t" || exit 1; fi;
  if [ -n "$5" ]; then chgrp -- "$5" "$t" || exit 1; fi;
  chmod -- "${"$"}{3:-$m}" "$t" || exit 1;
  sync "$t" 2>/dev/null || sync;
  mv -fT -- "$t" "$r" || exit 1;
  sync "${"$"}{P:-/}" 2>/dev/null || sync
`);
