/**
 * The programs that a session runs on the host, in POSIX sh.
 *
 * `greeter` is on the command line of every hop. It says that it is there, and reads all else from
 * the stream: the nonce (so that no other account can see it), the dispatcher and the executor, one
 * line each. `read` takes a byte at a time, so what follows a line is still in the stream.
 *
 * The dispatcher always listens to the stream: it passes run lines on, stops commands, takes bulk
 * data, and when the stream ends it ends all that was started. The executor runs the commands, one
 * after the other. It is a session of its own (setsid), and so is each command that may change
 * something: a command can be stopped with all it has started, and nothing else.
 *
 * What the host prints besides the commands' own output begins with the nonce:
 *
 *     nonce:H:PID      the executor is ready                     (stdout)
 *     nonce:S:N        command N starts                          (stdout and stderr)
 *     nonce:P:N:PID    … as this process                         (stdout, anywhere in N's output)
 *     nonce:C:N        … but not: its directory is not there     (stdout)
 *     nonce:E:N:CODE   … has ended                               (stdout; on stderr without CODE)
 *     nonce:B:N:TEXT   bulk data N is stored, or why it is not   (stdout, anywhere)
 *
 * The lines it reads: `V` shell text that prepares the next command's surroundings, `I` the next
 * command's stdin as printf %b writes it, `Q N` and `R N` a command that looks or changes, and for
 * the dispatcher `K SIGNAL PID`, `X PID` of the executor, `M` a directory to be made and removed at
 * the end, `N` a file to be made for bulk data, `B LENGTH` bytes of it, `F N` the end of it.
 */
import { quote, type Words } from "../sh.js";

/** What the greeter prints when every hop has been passed. */
export const greeting = "consfig-hello";

/** The command that starts a session, at the end of all hops. */
export const shellWords: Words = [
  "sh",
  "-c",
  `printf "${greeting}\\n"; IFS= read -r k && IFS= read -r p && IFS= read -r e && eval "$p"`,
];

/** Shell text in one line: comments and line breaks, on which it must not depend, are out. */
export function oneLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join(" ");
}

const dispatcher = oneLine(String.raw`
  exec 3>&1; trap : TERM; n=$(printf "\n."); n=${"$"}{n%.};
  s=; if command -v setsid >/dev/null 2>&1; then s=setsid; fi;
  # head -c reads ahead of what it was asked for in busybox: whatever is used must leave the rest.
  exact() { [ "$(printf abcdef | { take 3 >/dev/null; cat; })" = def ]; };
  take() { case $h in
    head) head -c "$1";;
    full) dd bs="$1" count=1 iflag=fullblock 2>/dev/null;;
    *) dd bs=1 count="$1" 2>/dev/null;;
  esac; };
  probe() { for h in head full single; do if exact; then break; fi; done; };
  {
    x=; h=; f=; d=; b=;
    printf "%s\n%s\n" "$k" "$s";
    while IFS= read -r l; do case $l in
      K*) set -- $l; kill -s "$2" -- "$3" 2>/dev/null || kill -s "$2" "${"$"}{3#-}" 2>/dev/null;;
      X*) x=${"$"}{l#X };;
      M*) eval "d=${"$"}{l#M }"; b=$( { mkdir -m 700 -- "$d"; } 2>&1 );;
      N*) eval "f=${"$"}{l#N }"; b=$b$( { umask 077; set -C; : >"$f"; } 2>&1 );;
      # A disk that is full must not leave the bytes in the stream, where they would be commands.
      B*) if [ -z "$h" ]; then probe; fi;
        b=$b$(take "${"$"}{l#B }" | { { [ -z "$b" ] && cat >>"$f"; } 2>&1 || cat >/dev/null; });;
      F*) printf "%s:B:%s:%.300s\n" "$k" "${"$"}{l#F }" "$(printf %s "$b" | tr "\n" " ")" >&3;
        if [ -n "$b" ]; then rm -f -- "$f"; b=; fi;;
      *) printf "%s\n" "$l";;
    esac; done;
    if [ -n "$x" ]; then kill -s USR1 "$x" 2>/dev/null; fi;
    if [ -n "$f" ]; then rm -f -- "$f"; fi;
    if [ -n "$d" ]; then rm -rf -- "$d"; fi;
  } | $s sh -c "$e" 3>&-
`);

const executor = oneLine(String.raw`
  IFS= read -r k; IFS= read -r s; umask 022; p=;
  # Stops the running command and all it has started: politely, and after two seconds for good.
  end() {
    trap "" TERM USR1;
    if [ -n "$p" ]; then
      kill -s TERM -- "-$p" 2>/dev/null; kill -s TERM 0;
      { sleep 2; kill -s KILL -- "-$p" "$p"; } 2>/dev/null & wait "$p";
      kill -s KILL -- "-$p" 2>/dev/null;
    fi;
    kill -s KILL 0;
  };
  trap : TERM HUP INT; trap end USR1;
  n=$(printf "\n."); n=${"$"}{n%.};
  # HOME by the account's name: what is in the environment may be the account's before the hop.
  u=$(id -un 2>/dev/null); case $u in ""|*[!A-Za-z0-9._-]*) ;; *) eval "u=~$u"; if [ -d "$u" ]; then HOME=$u; fi;; esac;
  export HOME; cd -- "$HOME" 2>/dev/null || cd /;
  no() { printf "%s:C:%s\n" "$k" "$i"; exit 1; };
  looks() { eval "$v"; eval "$c"; };
  changes() { eval "$v"; exec $s sh -c "$c"; };
  printf "%s:H:%s\n" "$k" "$$";
  v=; w=;
  while IFS= read -r l; do case $l in
    V*) eval "v=${"$"}{l#V }";;
    I*) w=I${"$"}{l#I };;
    *)
      case $l in Q*) t=looks;; *) t=changes;; esac;
      l=${"$"}{l#? }; i=${"$"}{l%% *}; eval "c=${"$"}{l#* }";
      printf "%s:S:%s\n" "$k" "$i"; printf "%s:S:%s\n" "$k" "$i" >&2;
      if [ -n "$w" ]; then printf %b "${"$"}{w#I}" | ( $t ) & else ( $t ) </dev/null & fi;
      p=$!; printf "%s:P:%s:%s\n" "$k" "$i" "$p";
      wait "$p"; r=$?; while kill -0 "$p" 2>/dev/null; do wait "$p"; r=$?; done;
      p=; v=; w=;
      printf "%s:E:%s:%s\n" "$k" "$i" "$r"; printf "%s:E:%s\n" "$k" "$i" >&2;;
  esac; done
`);

/** The lines that turn the greeter into a session with that nonce. */
export function sessionLines(nonce: string): string {
  return `${nonce}\n${dispatcher}\n${executor}\n`;
}

/** Shell text as one word on one line. */
export function oneLineWord(text: string): string {
  const quoted = quote(text);
  // $n is a newline, in both programs' hands: a line break cannot be inside a line.
  return quoted.replaceAll("\n", `'"$n"'`);
}

/** Bytes as printf %b writes them. */
export function asPrintfEscapes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`;
  }
  return text;
}
