import { shellText } from "../base/index.js";

/**
 * `beside` says where something is made, `$t`, that `replace` puts into the place `$r` of `$b`. Where
 * others can write that is in a room, so that what is put there is what was made. Needs `way`.
 */
export const beside = shellText`
  beside() {
    if [ -z "$c" ]; then [ -n "$v" ] || room; t=./new; r=../$b; return; fi;
    t=./$CONSFIG_ROOM; r=./$b;
    trap "rm -f -- \"\$t\" \"\$t\".??????" EXIT; trap "exit 143" TERM HUP INT PIPE;
  };
  replace() {
    mv -fT -- "$t" "$r" || exit 1;
    if [ -z "$c" ]; then leave; fi; trap - EXIT;
    sync . 2>/dev/null || sync;
  }
`;
