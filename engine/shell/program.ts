/**
 * The programs that a session runs on the host, in POSIX sh.
 *
 * `greeter` is on the command line of every hop. It says that it is there, and reads all else from
 * the stream, one line each: the nonce (so that no other account can see it) and the programs.
 * `read` takes a byte at a time, so what follows a line is still in the stream.
 *
 * The dispatcher always listens to the stream: it passes run lines on, stops commands, and stores
 * long stdin. The executor runs the commands, one after the other. It is a session of its own
 * (setsid), and so is each command that may change something: a command can be stopped with all it
 * has started, and nothing else. The keeper waits for the end of the dispatcher, however it comes;
 * it removes what was stored, and tells the executor to end itself and what it runs.
 *
 *     stream → dispatcher ─ run lines → executor → commands
 *                   └ its end → keeper ─ USR1 ──┘
 *
 * What the host prints besides the commands' own output begins with the nonce:
 *
 *     nonce:H:PID      the executor is ready                          (stdout)
 *     nonce:S:N        command N starts                               (stdout and stderr)
 *     nonce:P:N:PID    … as this process                              (stdout, anywhere until its end)
 *     nonce:C:N:WHAT   … but not: its `cwd` or `stdin` is not there   (stdout)
 *     nonce:E:N:CODE   … has ended                                    (stdout; on stderr without CODE)
 *     nonce:B:N:TEXT   why the stdin of command N could not be stored (stdout, anywhere)
 *     nonce:Z          the executor has ended, and all it ran         (stdout)
 *     nonce:G          all that follows is of a program that takes the dispatcher's place
 *     nonce:G:none     … which is not there
 *
 * The executor reads: `V` shell text that prepares the next command's surroundings, `I` the next
 * command's stdin as printf %b writes it, `Q N` and `R N` a command that looks or changes, `L N` text
 * that the executor itself evaluates, `G` that there will be no more. What such text opens as
 * descriptor 9 is the session's as long as the executor lives; commands do not have it.
 *
 * A command that changes has CONSFIG_COMMAND in its environment, which says which command of which
 * session it is: what is left of it can be found.
 *
 * The dispatcher reads: `X PID` of the executor; `K SIGNAL -GROUP PID` to signal the group or, where
 * there is no such group and PID is given, that process; `T EXECUTOR PID` to end the command that
 * looks; `M` the name of a directory to be made and removed at the end, `N NUMBER` a file to be made
 * in it, `B LENGTH` bytes of it, `F NUMBER SIZE` the end of it; `G` shell text that may put a program
 * into its own place.
 *
 * All names begin with an underscore, to be out of the way of variables that the account exports.
 */
import { quote, quoteWords, shellText, type Words } from "../base/index.js";

/** What the greeter prints when every hop has been passed. */
export const greeting = "consfig-hello";

/** The command that starts a session, at the end of all hops. */
export const shellWords: Words = [
  "sh",
  "-c",
  `printf "${greeting}\\n"; IFS= read -r _k && IFS= read -r _d && eval "$_d"`,
];

/** Where the stdin of commands is stored: both who stores and who reads it find the same. */
const spoolPlace = shellText`
  for _y in /tmp /var/tmp /dev/shm /run /tmp; do
    if [ -d "$_y" ] && [ -w "$_y" ]; then break; fi;
  done;
`;

const dispatcher = shellText`
  IFS= read -r _e; IFS= read -r _w; IFS= read -r _m || exit 1;
  # With a program of that name the nonce would be on a command line, and long lines on none.
  case $(LC_ALL=C type printf) in *built*) ;; *)
    echo "sh has no printf of its own there" >&2; exit 1;;
  esac;
  _s=; if command -v setsid >/dev/null 2>&1; then _s=setsid; fi;
  # head -c reads ahead of what it was asked for in busybox: whatever is used must leave the rest.
  _exact() { [ "$(printf abcdef | { _take 3 >/dev/null; cat; })" = def ]; };
  _take() { case $_h in
    head) head -c "$1";;
    full) dd bs="$1" count=1 iflag=fullblock 2>/dev/null;;
    *) dd bs=1 count="$1" 2>/dev/null;;
  esac; };
  _probe() { _h=head; _exact || _h=full; _exact || _h=single; };
  # A disk that is full must not leave the bytes in the stream, where they would be commands.
  _store() { [ -z "$_b" ] && cat >>"$_f" || { echo "incomplete"; cat >/dev/null; }; };
  _listen() {
    _h=; _b=; LC_ALL=C; export LC_ALL; ${spoolPlace}
    printf "%s\n%s\n%s\n" "$_k" "$_s" "$_m";
    while IFS= read -r _l; do case $_l in
      K*) set -- $_l; { kill -s "$2" -- "$3" || kill -s "$2" "$4"; } 2>/dev/null;;
      # It is in the executor's own process group, and so would the command after it be: while the
      # executor stands still there is none.
      T*) set -- $_l; { kill -s STOP "$2";
        if kill -0 "$3"; then kill -s TERM -- "-$2" || kill -s TERM "$3"; fi;
        kill -s CONT "$2"; } 2>/dev/null;;
      X*) printf "%s\n" "$_l" >&4;;
      G*) eval "\${_l#G }";;
      M*) _d=$_y/\${_l#M }; printf "M %s\n" "$_d" >&4; _b=$( { mkdir -m 700 -- "$_d"; } 2>&1 );;
      N*) _f=$_d/\${_l#N }; _b=$_b$( { umask 077; set -C; : >"$_f"; } 2>&1 );;
      B*) if [ -z "$_h" ]; then _probe; fi;
        _b=$_b$( { _take "\${_l#B }" | _store 2>&1; } 4>&- );;
      F*) set -- $_l;
        if [ -z "$_b" ] && ! [ "$(wc -c <"$_f")" -eq "$3" ]; then _b=incomplete; fi;
        if [ -n "$_b" ]; then
          rm -f -- "$_f";
          printf "%s:B:%s:%.300s\n" "$_k" "$2" "$(printf %s "$_b" | tr "\n" " ")" >&3; _b=;
        fi;;
      *) printf "%s\n" "$_l";;
    esac; done;
  };
  exec 3>&1;
  # The keeper's stdout keeps the executor's stdin open: the executor ends after it, not before.
  { _listen 4>&1 >&5 5>&- | $_s sh -c "$_w" 3>&- 5>&- 2>/dev/null; } 5>&1 |
  { $_s sh -c "$_e" 3>&- || printf "%s:Z\n" "$_k"; }
`;

const keeper = shellText`
  trap "" TERM HUP INT; _x=; _d=;
  while IFS= read -r _l; do case $_l in
    X*) _x=\${_l#X };;
    M*) _d=\${_l#M };;
  esac; done;
  if [ -n "$_d" ]; then rm -rf -- "$_d"; fi;
  # It may have been left standing still.
  if [ -n "$_x" ]; then kill -s USR1 "$_x"; kill -s CONT "$_x"; fi
`;

/** What is in the environment may be the home of the account before the hop. */
const homeByName = shellText`
  _u=$(id -un 2>/dev/null);
  case $_u in ""|*[!A-Za-z0-9._-]*) ;; *) eval "_u=~$_u"; if [ -d "$_u" ]; then HOME=$_u; fi;; esac;
`;

const executor = shellText`
  IFS= read -r _k; IFS= read -r _s; IFS= read -r _m; umask 022;
  # What a command that was told to end has left behind in its group may be tidying up: whoever
  # told it kills the rest after two seconds. Zombies are not waited for, nor is anything that
  # cannot be seen, where there is no /proc.
  _rest() {
    _g=0; while [ "$_g" -lt 20 ] && grep -qsE "\) [^Z] [0-9]+ $_p " /proc/[0-9]*/stat; do
      sleep .1 || sleep 1; _g=$((_g + 1));
    done;
  };
  # Ends the running command and all it has started: politely, and after two seconds for good.
  # Something is running if the last process started is not the one of the last command that ended.
  _end() {
    trap "" TERM USR1;
    if [ "$!" != "$_b" ]; then
      _p=$!; kill -s TERM -- "-$_p" 2>/dev/null; kill -s TERM 0;
      { sleep 2; kill -s KILL -- "-$_p" "$_p"; } 2>/dev/null & wait "$_p";
      { _rest; kill -s KILL -- "-$_p"; } 2>/dev/null;
    fi;
    kill -s KILL 0;
  };
  _b=$!; trap : TERM HUP INT PIPE; trap _end USR1;
  _n=$(printf "\n."); _n=\${_n%.};
  ${spoolPlace} ${homeByName} export HOME; cd -- "$HOME" 2>/dev/null || cd /;
  _no() { printf "%s:C:%s:%s\n" "$_k" "$_i" "$1"; exit 1; };
  # The command's own process says that it starts: before, a signal to it could be lost. What the
  # session keeps open is not for it.
  _starts() { exec 9>&-; printf "%s:S:%s\n" "$_k" "$_i"; eval "$_v"; };
  # It does not end before the program that it waits for: one that ignores SIGTERM.
  _looks() { trap "exit 143" TERM; _starts; eval "$_c"; };
  _changes() { _starts; export CONSFIG_COMMAND="$_i-$_m"; exec $_s sh -c "$_c"; };
  printf "%s:H:%s\n" "$_k" "$$";
  _v=; _w=;
  while IFS= read -r _l; do case $_l in
    V*) eval "_v=\${_l#V }";;
    # Nothing but the end of all is waited for, and nothing said about it.
    G) trap "" USR1; exec cat >/dev/null;;
    I*) _w=I\${_l#I };;
    L*)
      _l=\${_l#? }; _i=\${_l%% *}; eval "_c=\${_l#* }";
      printf "%s:S:%s\n" "$_k" "$_i" >&2; printf "%s:S:%s\n" "$_k" "$_i";
      printf "%s:P:%s:%s\n" "$_k" "$_i" "$$"; eval "$_c"; _r=$?;
      printf "%s:E:%s:%s\n" "$_k" "$_i" "$_r"; printf "%s:E:%s\n" "$_k" "$_i" >&2;;
    *)
      case $_l in Q*) _t=_looks;; *) _t=_changes;; esac;
      _l=\${_l#? }; _i=\${_l%% *}; eval "_c=\${_l#* }";
      printf "%s:S:%s\n" "$_k" "$_i" >&2;
      if [ -n "$_w" ]; then printf %b "\${_w#I}" | $_t & else $_t </dev/null & fi;
      _p=$!; printf "%s:P:%s:%s\n" "$_k" "$_i" "$_p";
      # The shell says so when a signal has ended it: that is not the command's output.
      { wait "$_p"; _r=$?; while kill -0 "$_p"; do wait "$_p"; _r=$?; done;
        # SIGTERM has ended it: some shells add 256 or 384 to it, not 128.
        case $_r in 143|271|399) _rest;; esac;
      } 2>/dev/null;
      _b=$!; _v=; _w=;
      printf "%s:E:%s:%s\n" "$_k" "$_i" "$_r"; printf "%s:E:%s\n" "$_k" "$_i" >&2;;
  esac; done;
  _end
`;

/** The lines that turn the greeter into a session with that nonce; `marker` marks its commands. */
export function sessionLines(nonce: string, marker: string): string {
  return `${nonce}\n${dispatcher}\n${executor}\n${keeper}\n${marker}\n`;
}

/**
 * The line by which the dispatcher is replaced by a program: `find` is shell text that prints the
 * program's path, or nothing; the words follow the path. The line after this one is the program's,
 * and dropped if there is none. What the executor waits for stays open in
 * the program as descriptors 4 and 5, so that all of the session ends with it.
 */
export function execProgramLine(find: string, environment: Words, words: Words): string {
  // Where the hops have led may be a directory that the account cannot read.
  const start = `cd -- "$HOME" 2>/dev/null || cd /; exec env -i ${environment.join(" ")} "$_x" ${quoteWords(words)} 5>&1 >&3 3>&-`;
  const text = shellText`
    # The program would run what is in there: nobody else may have put it there.
    if ! [ -O "$HOME" ]; then ${homeByName} fi;
    _x=$(${find});
    if [ -n "$_x" ]; then printf "G\n"; printf "%s:G\n" "$_k" >&3; ${start}; fi;
    IFS= read -r _o;
    printf "%s:G:none\n" "$_k" >&3
  `;
  return `G ${text}\n`;
}

/** Shell text as one word on one line. */
export function oneLineWord(text: string): string {
  const quoted = quote(text);
  // $_n is a newline in the executor's hands: a line break cannot be inside a line.
  return quoted.replaceAll("\n", `'"$_n"'`);
}

/** Bytes as printf %b writes them. */
export function asPrintfEscapes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    if (plain) text += String.fromCharCode(byte);
    else if (byte === 0x0a) text += "\\n";
    else text += `\\0${byte.toString(8).padStart(3, "0")}`;
  }
  return text;
}
