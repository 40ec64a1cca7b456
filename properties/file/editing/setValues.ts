import { type Entry, isOf, type KeyPlace } from "./entries.js";
import { type Line, newLine } from "./lines.js";
import { placeFor } from "./place.js";
import { indentation, isComment, type Setting, type Syntax, written } from "./syntax.js";
import { findTemplate, uncommented } from "./template.js";

/** The entries with exactly these values of the key, one a setting, in this order. */
export function setValues(
  entries: readonly Entry[],
  { section, key }: KeyPlace,
  values: readonly string[],
  syntax: Syntax,
): Entry[] {
  const result = [...entries];
  const mark = commentMark(entries, syntax);
  let done = 0;
  let last = -1;
  for (const [at, entry] of entries.entries()) {
    const { setting } = entry;
    if (!setting || !isOf(entry, { section, key })) continue;
    const value = values[done];
    result[at] =
      value === undefined
        ? commentedOut(entry, mark, syntax)
        : withValue(entry, setting, value, syntax);
    if (value === undefined) continue;
    done += 1;
    last = at;
  }
  const first = values[0];
  if (done === 0 && first !== undefined) {
    last = findTemplate(entries, { section, key }, first, syntax);
    const template = result[last];
    const setting = template && uncommented(template, syntax);
    if (template && setting) {
      const before = besideNeighbour(entries, last, setting, syntax);
      result[last] = withValue(template, { ...setting, before }, first, syntax);
      done = 1;
    }
  }
  const missing = values.slice(done);
  if (missing.length === 0) return result;
  const { at, opening, style } = placeFor(result, section, last, syntax);
  const added = missing.map((value) => newEntry({ ...style, key }, section, value, syntax));
  return [...result.slice(0, at), ...opening, ...added, ...result.slice(at)];
}

/** Comments among the lines of a value that is rewritten stay, below it. */
function withValue(entry: Entry, setting: Setting, value: string, syntax: Syntax): Entry {
  if (entry.setting?.value === value) return entry;
  const [head, ...rest] = entry.lines;
  const line = { text: written(setting, value, syntax), end: head?.end ?? "" };
  const comments = rest.filter(({ text }) => !syntax.quotes && isComment(text, syntax));
  return { ...entry, kind: "setting", lines: [line, ...comments], setting: { ...setting, value } };
}

function newEntry(style: Setting, section: string, value: string, syntax: Syntax): Entry {
  const setting = { ...style, value };
  const lines = [newLine(written(setting, value, syntax))];
  return { kind: "setting", lines, section, setting };
}

function commentedOut(entry: Entry, mark: string, syntax: Syntax): Entry {
  const comment = (line: Line) => {
    const indent = indentation(line.text);
    if (line.text === indent || isComment(line.text, syntax)) return line;
    return { ...line, text: `${indent}${mark} ${line.text.slice(indent.length)}` };
  };
  return { ...entry, kind: "comment", lines: entry.lines.map(comment), setting: undefined };
}

function commentMark(entries: readonly Entry[], { marks }: Syntax): string {
  const comment = entries.find(({ kind }) => kind === "comment")?.lines[0]?.text ?? "";
  return comment.charAt(indentation(comment).length) || marks.charAt(0);
}

/** Where deeper lines continue a value, an uncommented line is indented like a setting next to it. */
function besideNeighbour(
  entries: readonly Entry[],
  at: number,
  { before }: Setting,
  { indentContinues }: Syntax,
): string {
  if (!indentContinues) return before;
  const section = entries[at]?.section;
  const isNear = (entry: Entry) => entry.setting !== undefined && entry.section === section;
  const neighbour = entries.slice(0, at).findLast(isNear) ?? entries.slice(at).find(isNear);
  return neighbour ? indentation(neighbour.setting?.before ?? "") : before;
}
