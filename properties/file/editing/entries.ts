import { type Line, newLine } from "./lines.js";
import {
  endsInBackslash,
  headerName,
  indentation,
  isComment,
  type Setting,
  type Syntax,
} from "./syntax.js";

/** What stands together in a settings file: a line, or a setting with the lines its value goes on in. */
export interface Entry {
  readonly kind: "blank" | "comment" | "header" | "setting" | "other";
  readonly lines: readonly Line[];
  /** The section the entry is in; `""` above the first header. */
  readonly section: string;
  readonly setting: Setting | undefined;
}

/** A key, and the section it is in; `""` where there is none. */
export interface KeyPlace {
  readonly section: string;
  readonly key: string;
}

/** What decides whether a line continues the one before it. */
interface Reach {
  readonly indent: number;
  readonly joined: boolean;
  readonly isSetting: boolean;
  /** Whether the value began empty: then it is the list of what follows. */
  readonly isList: boolean;
  readonly open: boolean;
}

/** The section below `[]`: no one can ask for it by this name. */
const namelessSection = "\n";

const longestQuotation = 100;

/** The lines as entries. Every line is in exactly one, in the same order. */
export function readEntries(lines: readonly Line[], syntax: Syntax): Entry[] {
  const entries: Entry[] = [];
  let section = "";
  for (let start = 0; start < lines.length; ) {
    const head = lines[start]?.text ?? "";
    const kind = kindOf(head, syntax);
    if (kind === "header") section = headerName(head, syntax) || namelessSection;
    const end = kind === "other" ? endOfValue(lines, start, syntax) : start + 1;
    const own = lines.slice(start, end);
    const setting = kind === "other" ? syntax.parse(textOf(own)) : undefined;
    entries.push({ kind: setting ? "setting" : kind, lines: own, section, setting });
    start = end;
  }
  return entries;
}

/**
 * The lines of the entries, with an empty line between two of which the second would otherwise be
 * read as part of the first.
 */
export function writeEntries(entries: readonly Entry[], syntax: Syntax): Line[] {
  const lines: Line[] = [];
  let reach: Reach | undefined;
  for (const { kind, lines: own } of entries) {
    const head = own[0]?.text ?? "";
    if (reach && continues(reach, head, syntax)) {
      lines.push(newLine(""));
      reach = undefined;
    }
    lines.push(...own);
    if (kind === "comment") reach = reach && extended(reach, head, syntax);
    else if (kind === "blank" || kind === "header") reach = undefined;
    else reach = reachOf(own, syntax);
  }
  return lines;
}

/** Whether the entry is a live setting of that key. */
export function isOf(entry: Entry, { section, key }: KeyPlace): boolean {
  return entry.setting?.key === key && entry.section === section;
}

function kindOf(text: string, syntax: Syntax): Entry["kind"] {
  if (indentation(text) === text) return "blank";
  if (isComment(text, syntax)) return "comment";
  return headerName(text, syntax) === undefined ? "other" : "header";
}

function endOfValue(lines: readonly Line[], start: number, syntax: Syntax): number {
  let end = start + 1;
  let reach = reachOf(lines.slice(start, end), syntax);
  for (let at = end; at < lines.length; at += 1) {
    const text = lines[at]?.text ?? "";
    if (continues(reach, text, syntax)) end = at + 1;
    else if (kindOf(text, syntax) !== "comment" || !syntax.indentContinues) break;
    reach = extended(reach, text, syntax);
  }
  return syntax.parse(textOf(lines.slice(start, end)))?.unfinished
    ? endOfQuotation(lines, start, end, syntax)
    : end;
}

/** A quotation that meets another assignment before it ends was never meant to go on so far. */
function endOfQuotation(lines: readonly Line[], start: number, end: number, syntax: Syntax) {
  for (let at = end; at < Math.min(lines.length, end + longestQuotation); at += 1) {
    if (syntax.parse(lines[at]?.text ?? "")) break;
    const setting = syntax.parse(textOf(lines.slice(start, at + 1)));
    if (!setting) break;
    if (!setting.unfinished) return at + 1;
  }
  return end;
}

function continues(reach: Reach, text: string, syntax: Syntax): boolean {
  const kind = kindOf(text, syntax);
  if (kind === "blank" || kind === "header") return false;
  if (reach.joined) return true;
  if (kind === "comment" || !syntax.indentContinues) return false;
  return (
    indentation(text).length > reach.indent && (reach.open || !isCompleteSetting(text, syntax))
  );
}

/** People indent unevenly: a deeper line that reads as a setting is one, unless a list is open. */
function isCompleteSetting(text: string, syntax: Syntax): boolean {
  const { key = "", value = "=" } = syntax.parse(text) ?? {};
  return /^[A-Za-z_][\w.-]*(?: [\w.-]+)*$/.test(key) && !value.startsWith("=");
}

function reachOf([head, ...rest]: readonly Line[], syntax: Syntax): Reach {
  const text = head?.text ?? "";
  const value = syntax.parse(text)?.value;
  const first: Reach = {
    indent: indentation(text).length,
    joined: endsInBackslash(text),
    isSetting: value !== undefined,
    isList: value === "",
    open: value === "" || (value?.endsWith(",") ?? false),
  };
  return rest.reduce((reach, line) => extended(reach, line.text, syntax), first);
}

function extended(reach: Reach, text: string, syntax: Syntax): Reach {
  if (isComment(text, syntax)) {
    return { ...reach, open: false, joined: reach.joined && syntax.hasSections };
  }
  const open = reach.isSetting && (reach.isList || /,[ \t]*$/.test(text));
  return { ...reach, open, joined: endsInBackslash(text) };
}

function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join("\n");
}
