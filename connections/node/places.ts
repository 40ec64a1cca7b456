/**
 * Which places on a host are the account's own, in shell text: what `core` asks of places on this machine is asked
 * there before a Node is run, or put somewhere to be run.
 */

/** The text in one line: in this text each line break can be a space. */
export function oneLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}

/**
 * Shell text that defines functions. Each says in `_why` why not:
 *
 * - `_own PATH`: nobody but the account and uid 0 can change any part of the path; links are followed one by one
 * - `_runs PATH`: programs may be run there
 */
export const placeFunctions = oneLine(`
  _me=$(id -u);
  _isprivate() {
    [ "$_me" != 0 ] && [ "$1" = "$(id -g)" ] && grep -q "^[^:]*:[^:]*:$1:\\($(id -un)\\)*$" /etc/group &&
      [ "$(grep -c "^[^:]*:[^:]*:[^:]*:$1:" /etc/passwd)" = 1 ];
  };
  _own() {
    _p=$1; _n=0; _top=0;
    while [ $_n -le 40 ]; do
      _n=$((_n + 1)); _at=; _list=/; _left=$_p; _link=;
      while [ -n "$_left" ]; do
        case $_left in
          (/*) _left=\${_left#/};;
          (*) _at=$_at/\${_left%%/*}; _list="$_list $_at"; _left=\${_left#"\${_left%%/*}"};;
        esac;
      done;
      _p=$_at; _e=;
      for _s in $(set -f; stat -c "%u:%g:%f:%n" -- $_list 2>/dev/null); do
        _u=\${_s%%:*}; _s=\${_s#*:}; _g=\${_s%%:*}; _s=\${_s#*:}; _m=$((0x\${_s%%:*})); _e=\${_s#*:};
        if [ "$_e" = / ]; then _top=$_u; fi;
        case " 0 $_me $_top " in (*" $_u "*) ;; (*) _why="$_e belongs to uid $_u"; return 1;; esac;
        if [ $((_m & 0170000)) = $((0120000)) ]; then
          _link=$(readlink "$_e"); _left=\${_p#"$_e"};
          case $_link in (/*) _p=$_link$_left;; (*) _p=\${_e%/*}/$_link$_left;; esac;
          break;
        fi;
        if [ $((_m & 0022)) = 0 ]; then continue; fi;
        if [ $((_m & 0171000)) = $((0041000)) ] && [ "$_e" != "$_p" ]; then continue; fi;
        if [ $((_m & 0002)) = 0 ] && [ "$_u" = "$_me" ] && _isprivate "$_g"; then continue; fi;
        _why="$_e can be written by others"; return 1;
      done;
      if [ -z "$_link" ]; then [ "$_e" = "$_p" ] && return; _why="$_p cannot be looked at"; return 1; fi;
    done;
    _why="$1 has too many links"; return 1;
  };
  _runs() {
    _d=$(df -P -- "$1" 2>/dev/null | tail -n 1); _d=\${_d##* }; _o=;
    while read -r _s _at _s _left _s; do if [ "$_at" = "$_d" ]; then _o=$_left; fi; done </proc/mounts;
    case ,$_o, in (*,noexec,*) _why="$_d is mounted noexec"; return 1;; esac;
  };
`);

/**
 * Where runtimes are kept, as shell words: below the account's home, or, where nothing may be run there, in the
 * first of the others that is its own. In each is one directory for each runtime, called `v20.1.0-Linux-x86_64-…`.
 */
export const runtimePlaces = [
  '"$HOME"/.cache/consfigurator/node',
  "/var/lib/consfigurator/node",
  "/var/tmp/consfigurator-$_me/node",
] as const;
