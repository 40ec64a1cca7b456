import { AbortedChange, InvalidArgument } from "../../../engine/index.js";
import { checkLine, editLines, type Line, newLine } from "./lines.js";
import { indentation, trimmed } from "./syntax.js";

/** Which fields of a table's lines say what. */
export interface TableShape {
  /** The field that says where something comes from. */
  readonly source: number;
  /** The field that says where it goes: what identifies a line. */
  readonly target: number;
  /** Targets that are none, like that of swap space: such lines are identified by their source. */
  readonly noTarget: readonly string[];
}

/** `/etc/fstab` */
export const fstab: TableShape = { source: 0, target: 1, noTarget: ["none", "swap"] };

/** `/etc/crypttab` */
export const crypttab: TableShape = { source: 1, target: 0, noTarget: [] };

/**
 * Has the entries as lines of the table.
 *
 * The line with an entry's target is rewritten where it stands, with its own gaps, if a field
 * differs. An entry with source `none` or `PLACEHOLDER` takes over the source of that line. A new
 * line goes to the end, or above the first line that is, or comes from, below its target (and above
 * the comments of that line): so a parent is mounted before its children. No old line moves.
 *
 * @throws InvalidArgument for an entry that is no line of such a table
 * @throws AbortedChange for a new line whose source is `PLACEHOLDER`
 */
export function setTableEntries(
  text: string | undefined,
  shape: TableShape,
  entries: readonly string[],
): string {
  const wanted = parsedEntries(shape, entries);
  return editLines(text, (old) => {
    const lines = [...old];
    for (const fields of wanted) {
      const key = keyOf(shape, fields);
      const at = lines.findIndex((line) => keyOf(shape, fieldsOf(line)) === key);
      const line = lines[at];
      if (line) lines[at] = rewritten(line, fields, shape);
      else lines.splice(placeOf(lines, fields, shape), 0, addedLine(fields, shape));
    }
    return lines;
  });
}

/** Has no line with the target (or, where that is none, the source) of these entries. */
export function unsetTableEntries<T extends string | undefined>(
  text: T,
  shape: TableShape,
  entries: readonly string[],
): T | string {
  const keys = new Set(parsedEntries(shape, entries).map((fields) => keyOf(shape, fields)));
  if (text === undefined) return text;
  return editLines(text, (lines) =>
    lines.filter((line) => !keys.has(keyOf(shape, fieldsOf(line)) ?? "")),
  );
}

function parsedEntries(shape: TableShape, entries: readonly string[]): readonly string[][] {
  const byKey = new Map<string, string[]>();
  for (const entry of entries) {
    checkLine(entry, "an entry");
    const fields = fieldsOf(newLine(entry));
    const key = keyOf(shape, fields);
    if (key === undefined) throw new InvalidArgument("no line of such a table", { entry });
    byKey.set(key, fields);
  }
  return [...byKey.values()];
}

function fieldsOf({ text }: Line): string[] {
  const fields = text.split(/[ \t]+/).filter((field) => field !== "");
  return fields[0]?.startsWith("#") ? [] : fields;
}

function keyOf(shape: TableShape, fields: readonly string[]): string | undefined {
  const source = fields[shape.source];
  const target = fields[shape.target];
  if (source === undefined || target === undefined) return undefined;
  return shape.noTarget.includes(target) ? `from ${source}` : `to ${withoutSlash(target)}`;
}

function hasNoSource(source: string | undefined): boolean {
  return source === "none" || source === "PLACEHOLDER";
}

function rewritten(line: Line, wanted: readonly string[], { source }: TableShape): Line {
  const old = fieldsOf(line);
  const fields = [...wanted];
  if (hasNoSource(fields[source])) fields[source] = old[source] ?? "none";
  if (fields.join(" ") === old.join(" ")) return line;
  const before = indentation(line.text);
  const gaps = trimmed(line.text).match(/[ \t]+/g) ?? [];
  const text = fields.reduce((start, field, n) => start + (gaps[n - 1] ?? " ") + field);
  return { ...line, text: before + text };
}

function addedLine(fields: readonly string[], { source, target }: TableShape): Line {
  if (fields[source] === "PLACEHOLDER") {
    throw new AbortedChange(`there is no line for ${fields[target]} to take its source from`, {
      hint: "name the source, since the table does not have this line yet",
    });
  }
  return newLine(fields.join(" "));
}

function placeOf(lines: readonly Line[], wanted: readonly string[], shape: TableShape): number {
  const parent = wanted[shape.target] ?? "";
  let at = lines.findIndex((line) => {
    const fields = fieldsOf(line);
    return [fields[shape.source], fields[shape.target]].some((path) => isBelow(path, parent));
  });
  if (at < 0) return lines.length;
  while (at > 0 && /^[ \t]*#/.test(lines[at - 1]?.text ?? "")) at -= 1;
  return at;
}

/** Whether the path is the parent or in it. */
function isBelow(path: string | undefined, parent: string): boolean {
  return parent.startsWith("/") && `${path}/`.startsWith(`${withoutSlash(parent)}/`);
}

function withoutSlash(path: string): string {
  return path.replace(/(?<!\/)\/+$/, "");
}
