import { oldestNode, quote } from "../../engine/index.js";
import { type NodeOptions, sourcesOf } from "./options.js";
import { oneLine, placeFunctions, runtimePlaces } from "./places.js";

/** Shell text: of the runtimes that were uploaded for such a machine the last one in order of name. */
const cached = `
  _glob="v*-$(uname -s)-$(uname -m)-*/node";
  for _c in ${runtimePlaces.map((place) => `${place}/$_glob`).join(" ")}; do
    _v=\${_c##*/node/v};
    if [ -f "$_c" ] && [ "\${_v%%.*}" -ge ${oldestNode} ]; then _add "$_c"; fi;
  done;`;

/* As the PATH has them, then where they are for logins whose PATH is short. */
const system = `
  for _c in "$(command -v node)" "$(command -v nodejs)"
    /usr/local/bin/node /usr/bin/node /usr/bin/nodejs /opt/node*/bin/node /snap/bin/node; do
    case $_c in (/*) if [ -f "$_c" ]; then _add "$_c"; fi;; esac;
  done;`;

/** Shell text: the candidates are `$_all`, and why others are none is `$_not`. */
function candidates(options: NodeOptions): string {
  const steps = sourcesOf(options).flatMap((source) =>
    source === "system" || source === "packages" ? [system] : [cached],
  );
  return `
    _all=; _not=;
    _may() {
      case $1 in (*[[:space:]]*) _why="$1 has a space in its name"; return 1;; esac;
      _own "$1" && _runs "$1" || return 1;
      if ! [ -x "$1" ]; then _why="$1 cannot be run by uid $_me"; return 1; fi;
    };
    _add() {
      for _o in $_all; do if [ "$_o" -ef "$1" ]; then return; fi; done;
      if _may "$1"; then _all="$_all $1"; else _not="$_not; $1 is not used: $_why"; fi;
    };
    ${placeFunctions}
    ${options.path === undefined ? [...new Set(steps)].join(" ") : `if [ -f ${quote(options.path)} ]; then _add ${quote(options.path)}; fi;`}`;
}

/**
 * Shell text, in one line, that prints the path of a Node that may be new enough, or nothing. It is one that
 * nobody else can change: it is to run as the account.
 *
 * To ask a Node for its version costs as much as to start one. So nobody is asked where there is one
 * candidate: it says itself that it is too old, which is seldom. Of several each is asked, but not
 * the last, nor one that was uploaded, whose directory tells the version.
 */
export function findText(options: NodeOptions): string {
  const text = `
    ${candidates(options)}
    set -- $_all;
    while [ $# -gt 1 ]; do
      case $1 in
        (${runtimePlaces.map((place) => `${place}/*`).join("|")}) break;;
        (*) _v=$("$1" --version </dev/null 2>/dev/null); _v=\${_v#v}; _v=\${_v%%.*};
          case $_v in (""|*[!0-9]*) ;; (*) if [ "$_v" -ge ${oldestNode} ]; then break; fi;; esac;;
      esac;
      shift;
    done;
    if [ $# -gt 0 ]; then printf "%s\\n" "$1"; fi`;
  return oneLine(text);
}

/** Shell text, in one line, that prints why Nodes that are there are not used. */
export function refusedText(options: NodeOptions): string {
  return oneLine(`${candidates(options)} printf "%s" "\${_not#; }"`);
}
