import { setTimeout as sleep } from "node:timers/promises";
import { printable, quote, shellText } from "../base/index.js";
import type { LeftProcess } from "./leftRunning.js";
import type { ExecText } from "./options.js";

/** Whoever cancels does not wait longer for a host to tell. */
const patienceMs = 1500;
const most = 1000;

/**
 * Lists the processes that have the line `$1` in their environment. A process that has just been killed
 * may still be there for a moment, so those that are found are looked for once more. The grep of busybox
 * sees no more of a line than what is before its first NUL, and so finds none: then all are looked at.
 */
const findText = shellText`
  _lines() { tr "\000" "\n" 2>/dev/null; };
  _list() {
    [ -r /proc/self/environ ] || return 1;
    cat /proc/[0-9]*/environ 2>/dev/null | _lines | grep -qxF -e "$1" || return 0;
    sleep .2 || sleep 1;
    _f=$(grep -lsF -e "$1" /proc/[0-9]*/environ);
    for _f in \${_f:-/proc/[0-9]*/environ}; do
      _f=\${_f%/environ};
      if { _lines <"$_f/environ"; } 2>/dev/null | grep -qxF -e "$1"; then
        printf "%s %s\n" "\${_f#/proc/}" "$(tr "\000\n" "  " <"$_f/cmdline" | head -c 200)";
      fi;
    done;
  };
  _list
`;

/** The processes that have the mark in their environment; undefined when the host does not tell. */
export async function leftBehind(
  exec: ExecText,
  mark: string,
): Promise<readonly LeftProcess[] | undefined> {
  const patience = new AbortController();
  const { signal } = patience;
  const looking = exec(`${findText} ${quote(mark)}`, { looks: true, signal, first: true })
    .then(({ exitCode, stdout }) => (exitCode === 0 ? parsed(stdout.toString("utf8")) : undefined))
    .catch(() => undefined);
  const late = sleep(patienceMs, undefined, { signal }).catch(() => undefined);
  try {
    return await Promise.race([looking, late]);
  } finally {
    patience.abort();
  }
}

function parsed(printed: string): LeftProcess[] {
  const lines = printed.split("\n").slice(0, most);
  return lines.flatMap((line) => {
    const [, pid, command = ""] = /^(\d{1,10}) (.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), command: printable(command.trim()) }];
  });
}
