import { hostname, userInfo } from "node:os";

/** What the `%` tokens of ssh_config stand for. */
export interface TokenValues {
  readonly originalHost: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | undefined;
}

/** The local account as OpenSSH sees it: the password database decides, not the environment. */
export function localAccount(): { readonly name: string; readonly home: string } {
  try {
    const { username, homedir: home } = userInfo();
    return { name: username, home };
  } catch {
    // An account without an entry, as in some containers.
    const { USER = String(process.getuid?.() ?? ""), HOME = "/" } = process.env;
    return { name: USER, home: HOME };
  }
}

/** The text with `~`, `%` tokens and `${NAME}` replaced as ssh_config(5) says. */
export function expand(text: string, values: TokenValues): string {
  const { name, home } = localAccount();
  const machine = hostname();
  const tokens: Record<string, string> = {
    "%": "%",
    d: home,
    h: values.hostname,
    i: String(process.getuid?.() ?? ""),
    k: values.hostKeyAlias ?? values.originalHost,
    L: machine.split(".")[0] ?? machine,
    l: machine,
    n: values.originalHost,
    p: String(values.port),
    r: values.user,
    u: name,
  };
  return text
    .replace(/^~(?=\/|$)/, () => home)
    .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable) => process.env[variable] ?? "")
    .replace(/%(.)/g, (whole, token) => tokens[token] ?? whole);
}

/** The words of an ssh_config value: separated by blanks, quoted with `"`. */
export function splitWords(value: string): string[] {
  const words: string[] = [];
  for (const match of value.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    words.push(match[1]?.replaceAll('\\"', '"') ?? match[2] ?? "");
  }
  return words;
}

/** Whether a pattern of ssh_config or known_hosts (`*` and `?`, case ignored) matches the text. */
export function matchesPattern(pattern: string, text: string): boolean {
  const p = pattern.toLowerCase();
  const t = text.toLowerCase();
  // Two indices and the last star: linear in practice, where a regular expression may explode.
  let at = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < t.length) {
    if (at < p.length && p[at] !== "*" && (p[at] === "?" || p[at] === t[i])) {
      at++;
      i++;
    } else if (p[at] === "*") {
      star = at++;
      resume = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (p[at] === "*") at++;
  return at === p.length;
}

/** Whether a list of patterns matches: at least one does and none that begins with `!`. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(pattern.slice(1), text)) return false;
    } else if (matchesPattern(pattern, text)) {
      matched = true;
    }
  }
  return matched;
}
