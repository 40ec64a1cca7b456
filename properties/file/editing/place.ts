import type { Entry } from "./entries.js";
import { newLine } from "./lines.js";
import { indentation, type Setting, type Syntax } from "./syntax.js";

/** Where new settings go, and in what style. */
export interface Place {
  readonly at: number;
  /** What must stand there first: the header of a new section. */
  readonly opening: readonly Entry[];
  readonly style: Setting;
}

/**
 * The place for new settings of a section: after the entry `last` if there is one, which is of the
 * same key; else after the last line of the section's first occurrence that is neither blank nor
 * comment; in a file without sections at its end.
 */
export function placeFor(
  entries: readonly Entry[],
  section: string,
  last: number,
  syntax: Syntax,
): Place {
  if (last >= 0) return { at: last + 1, opening: [], style: styleOf(syntax, entries[last]) };
  if (!syntax.hasSections) return { at: entries.length, opening: [], style: styleOf(syntax) };
  const header = entries.findIndex((entry) => entry.kind === "header" && entry.section === section);
  if (header < 0 && section !== "") {
    const style = styleOf(syntax, entries.findLast(isSetting));
    return { at: entries.length, opening: newSection(entries, section), style };
  }
  const start = header + 1;
  const next = entries.findIndex((entry, at) => at >= start && entry.kind === "header");
  const occurrence = entries.slice(start, next < 0 ? entries.length : next);
  const content = occurrence.findLastIndex(({ kind }) => kind === "setting" || kind === "other");
  const at = content >= 0 ? start + content + 1 : section === "" ? belowTitle(entries) : start;
  const model =
    occurrence.findLast(isSetting) ??
    entries.findLast((entry) => isSetting(entry) && entry.section === section) ??
    entries.findLast(isSetting);
  return { at, opening: [], style: styleOf(syntax, model, occurrence[content]) };
}

function isSetting({ setting }: Entry): boolean {
  return setting !== undefined;
}

/** The style of a setting like `model`, indented like what it is to stand below. */
function styleOf({ separator }: Syntax, model?: Entry, above = model): Setting {
  const own = model?.setting?.separator || separator;
  return {
    before: indentation(above?.lines[0]?.text ?? ""),
    key: "",
    separator: own.includes("=") ? own.replace(/[ \t]+/g, " ") : own,
    value: "",
    after: "",
    unfinished: false,
  };
}

function newSection(entries: readonly Entry[], section: string): Entry[] {
  const header = emptyEntry("header", `[${section}]`, section);
  return entries.length === 0 ? [header] : [emptyEntry("blank", "", section), header];
}

function emptyEntry(kind: Entry["kind"], text: string, section: string): Entry {
  return { kind, lines: [newLine(text)], section, setting: undefined };
}

/** Comments on top of a file that end with a blank line are about the file, not what follows. */
function belowTitle(entries: readonly Entry[]): number {
  const end = entries.findIndex(({ kind }) => kind !== "comment");
  if (end < 0) return entries.length;
  return entries[end]?.kind === "blank" ? end : 0;
}
