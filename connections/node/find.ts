import { oldestNode, quote } from "../../engine/index.js";
import { type NodeOptions, sourcesOf } from "./options.js";

/** Below an account's home: one directory for each runtime, called `v20.1.0-Linux-x86_64-…`. */
export const cachedRuntimes = ".cache/consfigurator/node";

/** Shell text: of the runtimes that were uploaded for such a machine the last one in order of name. */
const cached = `
  for _c in "$HOME"/${cachedRuntimes}/v*-"$(uname -s)-$(uname -m)"-*/node; do
    _v=\${_c#*/node/v};
    if [ -x "$_c" ] && [ "\${_v%%.*}" -ge ${oldestNode} ]; then _add "$_c"; fi;
  done;`;

/* As the PATH has them, then where they are for logins whose PATH is short. */
const system = `
  for _c in "$(command -v node)" "$(command -v nodejs)"
    /usr/local/bin/node /usr/bin/node /usr/bin/nodejs /opt/node*/bin/node /snap/bin/node; do
    case $_c in (/*) if [ -x "$_c" ]; then _add "$_c"; fi;; esac;
  done;`;

/**
 * Shell text, in one line, that prints the path of a Node that may be new enough, or nothing.
 *
 * To ask a Node for its version costs as much as to start one. So nobody is asked where there is one
 * candidate: it says itself that it is too old, which is seldom. Of several each is asked, but not
 * the last, nor one that was uploaded, whose directory tells the version.
 */
export function findText(options: NodeOptions): string {
  if (options.path !== undefined) {
    return `if [ -x ${quote(options.path)} ]; then printf "%s\\n" ${quote(options.path)}; fi`;
  }
  const from = sourcesOf(options);
  const steps = from.flatMap((source) =>
    source === "system" || source === "packages" ? [system] : [cached],
  );
  const text = `
    _all=; _add() { for _o in $_all; do if [ "$_o" -ef "$1" ]; then return; fi; done;
      case $1 in (*" "*) ;; (*) _all="$_all $1";; esac; };
    ${[...new Set(steps)].join(" ")}
    set -- $_all;
    while [ $# -gt 1 ]; do
      case $1 in
        ("$HOME"/${cachedRuntimes}/*) break;;
        (*) _v=$("$1" --version </dev/null 2>/dev/null); _v=\${_v#v}; _v=\${_v%%.*};
          case $_v in (""|*[!0-9]*) ;; (*) if [ "$_v" -ge ${oldestNode} ]; then break; fi;; esac;;
      esac;
      shift;
    done;
    if [ $# -gt 0 ]; then printf "%s\\n" "$1"; fi`;
  return oneLine(text);
}

/** The text in one line: in this text each line break can be a space. */
function oneLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}
