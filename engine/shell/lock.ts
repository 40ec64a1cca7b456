import { lastLines, printable, quote, shellText } from "../base/index.js";
import type { ShellSession } from "./session.js";

/** What came of trying to take a lock. */
export type LockAnswer =
  | { readonly state: "taken" }
  /** By whom, as they have said, and since when, as the host's clock has it. */
  | { readonly state: "held"; readonly holder: string; readonly since: string }
  /** Locks cannot be had there. */
  | { readonly state: "none"; readonly why: string };

const heldCode = 75;
const longestHolder = 500;

/**
 * Makes the lock's file and prints its path. The file is in a directory of the account's own, that nobody
 * else can write: what is found there has been put there by nobody else.
 */
const place = shellText`
  umask 077; LC_ALL=C; export LC_ALL;
  fail() { printf "%s\n" "$1" >&2; exit 1; };
  command -v flock >/dev/null 2>&1 || fail "there is no flock";
  own() { [ -d "$1" ] && ! [ -h "$1" ] && [ -O "$1" ]; };
  d=/run/consfigurator;
  if ! { [ "$(id -u)" = 0 ] && own /run && mkdir -p -- "$d" 2>/dev/null; }; then
    [ -O "$HOME" ] || fail "the account has no home of its own";
    d=$HOME/.cache/consfigurator/locks; mkdir -p -- "$d" || exit 1;
  fi;
  own "$d" || fail "$d belongs to another account";
  chmod 700 -- "$d" || exit 1;
  f=$d/$1;
  if [ -e "$f" ] || [ -h "$f" ]; then
    if [ -h "$f" ] || ! [ -f "$f" ] || ! [ -O "$f" ]; then fail "$f is no file of the account"; fi;
  fi;
  (: <>"$f") || exit 1;
  printf "%s\n" "$f"
`;

/** Takes a kernel lock, which is free again when the executor has ended, whatever has ended it. */
const take = shellText`
  if _q=$(flock -n 9 2>&1); then printf "%s\n" "$_o" >"$_f"; true;
  else
    exec 9>&-;
    if [ -n "$_q" ]; then printf "%s\n" "$_q" >&2; (exit 1);
    else stat -c %Y "$_f"; head -c ${String(longestHolder)} "$_f"; (exit ${String(heldCode)}); fi;
  fi
`;

/**
 * Tries to take the lock of that name for the session. If that fails, nothing was changed but the lock's
 * own file, and it can be tried again. Commands that are given after this call run after it.
 */
export async function tryLock(
  session: ShellSession,
  name: string,
  holder: string,
  signal: AbortSignal | undefined,
): Promise<LockAnswer> {
  const text = `_o=${quote(holder)}; _f=$(set -- ${quote(fileName(name))}; ${place}) && exec 9<>"$_f" && { ${take}; }`;
  const { exitCode, stdout, stderr } = await session.execText(text, {
    looks: true,
    bySession: true,
    name: `taking the lock ${name}`,
    ...(signal ? { signal } : {}),
  });
  if (exitCode === 0) return { state: "taken" };
  if (exitCode !== heldCode) return { state: "none", why: lastLines(stderr.toString("utf8"), 3) };
  const [, seconds = "", said = ""] =
    /^(?:(\d{1,11})\n)?([\s\S]*)$/.exec(stdout.toString("utf8")) ?? [];
  const since = seconds === "" ? "" : new Date(Number(seconds) * 1000).toISOString();
  return { state: "held", holder: printable(said.trim()), since };
}

/** One name of a file for each name of a host, whatever is in it. */
function fileName(name: string): string {
  return `${encodeURIComponent(name).replace(/^\./, "%2E")}.lock`;
}
