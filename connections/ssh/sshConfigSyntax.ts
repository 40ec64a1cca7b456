import { readdirSync } from "node:fs";
import { join } from "node:path";
import { localAccount } from "./localAccount.js";

/** The words of a value in ssh_config: separated by blanks, quoted with `"`. */
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

/** The keyword of a line of ssh_config, in small letters, and its value; undefined where it has none. */
export function settingIn(line: string): { keyword: string; value: string } | undefined {
  const parts = /^([a-z0-9]+)(?:\s*=\s*|\s+)(.*)$/is.exec(line.trimStart()) ?? [];
  const [, keyword, value = ""] = parts;
  return keyword === undefined
    ? undefined
    : { keyword: keyword.toLowerCase(), value: value.trimEnd() };
}

/** The files that a pattern after `Include` stands for, in a file that is looked for in the folder. */
export function filesIncluded(pattern: string, folder: string): string[] {
  const path = pattern.replace(/^~(?=\/)/, () => localAccount().home);
  return filesMatching(path.startsWith("/") ? path : join(folder, path));
}

/** The files that an absolute path with `*` and `?` stands for, in the order of their names. */
function filesMatching(pattern: string): string[] {
  let found = ["/"];
  for (const part of pattern.split("/").filter((name) => name !== "")) {
    if (!/[*?]/.test(part)) {
      found = found.map((folder) => join(folder, part));
      continue;
    }
    found = found.flatMap((folder) => {
      const names = namesIn(folder).filter((name) => !name.startsWith(".") || part.startsWith("."));
      return names.filter((name) => matchesPattern(part, name)).map((name) => join(folder, name));
    });
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
