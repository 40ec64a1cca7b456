import { InvalidArgument } from "../../../engine/index.js";
import { checkLine } from "./lines.js";
import { readShellWord, shellQuoted } from "./shellWord.js";

/** A line that gives a key a value, in its parts. */
export interface Setting {
  /** The indentation, and `export` where there is one. */
  readonly before: string;
  readonly key: string;
  /** What stands between key and value. */
  readonly separator: string;
  /** Undefined when it is none that could be asked for, so that any wanted value replaces it. */
  readonly value: string | undefined;
  /** A comment or command after the value, which stays. */
  readonly after: string;
  /** Whether the value goes on in the next line, a quote being open. */
  readonly unfinished: boolean;
}

/** How the settings of a file are written. */
export interface Syntax {
  /** The characters a comment may begin with. */
  readonly marks: string;
  /** What a new setting has between key and value. */
  readonly separator: string;
  /** Whether a value goes on in following lines that are indented deeper. */
  readonly indentContinues: boolean;
  /** Whether `[name]` lines divide the file into sections. */
  readonly hasSections: boolean;
  /** Whether a value is one word, quoted where it must be. */
  readonly quotes: boolean;
  readonly parse: (text: string) => Setting | undefined;
  readonly encode: (value: string) => string;
}

/** The forms a settings file without sections can have. */
export type SettingsFormat = "space" | "tab" | "equals" | "unspaced" | "shell";

const plain = {
  marks: "#",
  indentContinues: false,
  hasSections: false,
  quotes: false,
  encode: (value: string) => value,
};

/** `key value`, `key<TAB>value`, `key = value`, `key=value`, and assignments of a shell. */
export const formats: Readonly<Record<SettingsFormat, Syntax>> = {
  space: { ...plain, separator: " ", parse: parseWords },
  tab: { ...plain, separator: "\t", parse: parseWords },
  equals: { ...plain, separator: " = ", indentContinues: true, parse: parseEquals },
  unspaced: { ...plain, separator: "=", parse: parseUnspaced },
  shell: { ...plain, separator: "=", parse: parseShell, quotes: true, encode: shellQuoted },
};

/** Sections of `key=value`. */
export const ini: Syntax = {
  ...plain,
  marks: "#;",
  separator: "=",
  indentContinues: true,
  hasSections: true,
  parse: parseIni,
};

/** The blanks a line begins with. */
export function indentation(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? "";
}

/** Whether the line is a comment as a whole. */
export function isComment(text: string, { marks }: Syntax): boolean {
  const first = text.charAt(indentation(text).length);
  return first !== "" && marks.includes(first);
}

/** The name in a section header, trimmed; undefined if the line is none. */
export function headerName(text: string, { hasSections }: Syntax): string | undefined {
  const line = trimmed(text);
  if (!hasSections || !line.startsWith("[")) return undefined;
  const name = /^\[([^\]]*)\][ \t]*(?:[#;].*)?$/s.exec(line) ?? /^\[(.*)\]$/s.exec(line);
  return name?.[1] === undefined ? undefined : trimmed(name[1]);
}

/** The line of that setting with another value, all else in it unchanged. */
export function written(setting: Setting, value: string, { separator, encode }: Syntax): string {
  const between = setting.separator || separator;
  if (encode(value) === "") return setting.before + trimmed(setting.key + between);
  return setting.before + setting.key + between + encode(value) + setting.after;
}

/** @throws InvalidArgument unless key and values can be written and would be read back the same. */
export function checkSetting(syntax: Syntax, key: string, values: readonly string[]): void {
  const setting = { before: "", key, separator: "", value: "", after: "", unfinished: false };
  const isRead = (value: string) => {
    const line = written(setting, value, syntax);
    if (isComment(line, syntax) || headerName(line, syntax) !== undefined) return false;
    const found = syntax.parse(line);
    return found?.key === key && found.value === value && !found.unfinished;
  };
  checkLine(key, "a key");
  if (!isRead("x")) throw new InvalidArgument("a key cannot be written in this format", { key });
  for (const value of values) {
    checkLine(value, "a value");
    if (!isRead(value) || endsInBackslash(syntax.encode(value))) {
      throw new InvalidArgument("a value cannot be written in this format", { key, value });
    }
  }
}

/** Whether the line is joined to the next by a backslash that is not itself escaped. */
export function endsInBackslash(text: string): boolean {
  const backslashes = /(?<!\\)\\+$/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}

/** The text without blanks at both ends. (Other white space is part of a value.) */
export function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && " \t".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(indentation(text).length, end);
}

function parseWords(text: string): Setting | undefined {
  const before = indentation(text);
  const line = trimmed(text);
  const key = /^[^ \t]*/.exec(line)?.[0] ?? "";
  if (key === "") return undefined;
  const separator = indentation(line.slice(key.length));
  const value = line.slice(key.length + separator.length);
  return { before, key, separator, value, after: "", unfinished: false };
}

function parseIni(text: string): Setting | undefined {
  const at = text.indexOf("=");
  const left = text.slice(0, at);
  const key = trimmed(left);
  if (at < 0 || key === "" || key.startsWith("[")) return undefined;
  const before = indentation(text);
  const value = trimmed(text.slice(at + 1));
  const blank = left.slice(before.length + key.length);
  // An empty value has no blank before it, whatever the style of the line.
  const gap = value === "" ? blank && " " : indentation(text.slice(at + 1));
  return { before, key, separator: `${blank}=${gap}`, value, after: "", unfinished: false };
}

function parseEquals(text: string): Setting | undefined {
  const setting = parseIni(text);
  return setting && /[ \t]/.test(setting.key) ? undefined : setting;
}

function parseUnspaced(text: string): Setting | undefined {
  const setting = parseEquals(text);
  if (!setting || setting.separator === "=") return setting;
  return { ...setting, separator: "=", value: undefined };
}

function parseShell(text: string): Setting | undefined {
  const start = /^([ \t]*(?:export[ \t]+)?)([A-Za-z_]\w*)=/.exec(text);
  const [all = "", before = "", key = ""] = start ?? [];
  if (!start) return undefined;
  const { end, value, unfinished } = readShellWord(text, all.length);
  const after = text.slice(end);
  // `A=1 command` sets A for that command only.
  if (!/^(?:[ \t]*|[ \t]+#.*|[ \t]*;.*)$/s.test(after)) return undefined;
  return { before, key, separator: "=", value, after: trimmed(after) && after, unfinished };
}
