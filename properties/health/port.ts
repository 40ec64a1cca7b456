import type { Look } from "./look.js";

// A port of the host itself can be looked up where nothing is there that connects.
const text = `
export LC_ALL=C
if command -v bash >/dev/null; then
  seen=$(limited 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) && return 0
  case $seen in *"No such file"*) ;; *) printf '%s\\n' "$seen" | tail -n 1; return 1;; esac
fi
if command -v nc >/dev/null; then
  seen=$(limited 5 nc -z "$1" "$2" 2>&1 </dev/null) && return 0
  case $seen in *option* | *sage*) ;; *) printf '%s\\n' "$seen" | tail -n 1; return 1;; esac
fi
case $1 in 127.* | ::1 | localhost) files=$(ls /proc/net/tcp /proc/net/tcp6) ;; *) files= ;; esac
if [ -z "$files" ]; then echo "neither bash nor nc is there to connect with"; return 127; fi 2>/dev/null
listens="^ *[0-9]*: [0-9A-F]*:$(printf %04X "$2") [0-9A-F]*:0000 0A "
cat $files | grep -q "$listens" || { echo "nobody listens"; return 1; }`;

/** Whether something accepts TCP connections there. */
export function lookAtPort(host: string, port: number): Look {
  return { text, words: [host, port] };
}
