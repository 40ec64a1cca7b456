import { shellText } from "../base/index.js";
import { beside } from "./beside.js";
import { digest } from "./digest.js";
import { way } from "./way.js";

/**
 * Writes stdin, which has `$2` bytes, to the file `$1`, with mode `$3`, user `$4` and group `$5` where
 * these are not empty; with `$6` it is a secret, and becomes ours. Where `$CONSFIG_FROM` is not empty, the
 * file is replaced only if that is the SHA-256 of its content, or `none` and nothing is there.
 *
 * What is kept of the file that is replaced is taken from the very file, held by a name that nobody
 * else can give to another one. If its owner does not stay, nothing is kept but who may read and run it:
 * whoever could write to it must not be able to write to what belongs to somebody else now.
 */
export const writeScript = shellText`
  ${way}; ${beside}; ${digest};
  case $1 in */|*/.|*/..) fail "Is a directory";; esac;
  at "$1" follow; case $x in ""|8*) ;; 4*) fail "Is a directory";; *) fail "Is no regular file";; esac;
  enter; q=; if [ -n "$x" ]; then hold; fi; beside;
  case $CONSFIG_FROM in
    "") ;;
    none) [ -z "$q" ] || fail "it was made meanwhile";;
    *) [ -n "$q" ] || fail "it was removed meanwhile";
      e=$(digest <"$q") || exit 1; [ "\${e%% *}" = "$CONSFIG_FROM" ] || fail "it was changed meanwhile";;
  esac;
  # In a directory that has a default ACL the umask does not count: others could open what the shell makes.
  umask 077; if [ -n "$c" ]; then e=$(mktemp -- "$t.XXXXXX") || exit 1; t=$e; fi;
  cat >"$t" || exit 1;
  g=$5; z=$4; own=$6; set -- "$3" "$2" $(stat -c "%s %u" -- "$t") $x;
  [ "$2" = "$3" ] || fail "the content arrived incomplete";
  # Only uid 0 can give a file away: for others its owner and group are kept as far as that goes.
  if [ -z "$z$own" ] && [ -n "$q" ] && [ "$4" = 0 ] && [ "$6" != 0 ]; then z=$6; fi;
  if [ -n "$z" ]; then chown -- "$z" "$t" || exit 1; set -- "$1" "$2" "$3" "$(stat -c %u -- "$t")" $x; fi;
  m=644;
  if [ -n "$q" ]; then
    if [ "$4" = "$6" ]; then
      m=$(printf %o $((0x$5 & 01777)));
      [ -n "$g" ] || chgrp -- "$7" "$t" 2>/dev/null;
      # A new file can have one too, from its directory.
      if hasAcl "$q" || hasAcl "$t"; then
        getfacl -cp -- "$q" 2>/dev/null | setfacl --set-file=- -- "$t" 2>/dev/null ||
          fail "it has an ACL, which cannot be kept without getfacl and setfacl (package acl)";
      fi;
    else m=$(printf %o $((0x$5 & 01755)));
    fi;
  fi;
  # The owner comes before the mode: chown and chgrp clear the set-id bits.
  if [ -n "$g" ]; then chgrp -- "$g" "$t" || exit 1; fi;
  chmod -- "\${1:-$m}" "$t" || exit 1;
  # Who may not read it by its new mode cannot have it synced alone.
  if [ -r "$t" ]; then sync "$t" || exit 1; else sync; fi;
  replace
`;
