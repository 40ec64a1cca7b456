import { type Entry, isOf, type KeyPlace, readEntries, writeEntries } from "./entries.js";
import { editLines, splitLines } from "./lines.js";
import { setValues } from "./setValues.js";
import { checkSetting, type Syntax } from "./syntax.js";

/** The value of a key; or all its values where a key may stand several times, one a line. */
export type SettingValue = string | readonly string[];

/** A key with the value it is to have. Of several for one key the last counts. */
export interface Wanted extends KeyPlace {
  readonly value: SettingValue;
}

/** The text with these settings. */
export function hasSettings(
  text: string | undefined,
  settings: readonly Wanted[],
  syntax: Syntax,
): string {
  const wanted = new Map<string, KeyPlace & { readonly values: readonly string[] }>();
  for (const { section, key, value } of settings) {
    const values = typeof value === "string" ? [value] : value;
    checkSetting(syntax, key, values);
    wanted.set(`${section}\n${key}`, { section, key, values });
  }
  return editLines(text, (lines) => {
    let entries = readEntries(lines, syntax);
    for (const each of wanted.values()) entries = setValues(entries, each, each.values, syntax);
    return writeEntries(entries, syntax);
  });
}

/** The text without live settings of these keys. */
export function lacksSettings(text: string, keys: readonly KeyPlace[], syntax: Syntax): string {
  const isUnwanted = (entry: Entry) => keys.some((key) => isOf(entry, key));
  return editLines(text, (lines) => {
    const entries = readEntries(lines, syntax);
    const emptied = new Set(entries.filter(isUnwanted).map((entry) => entry.section));
    const kept = entries.filter((entry) => !isUnwanted(entry));
    return writeEntries(withoutEmptied(kept, emptied), syntax);
  });
}

/** The values of the key's live settings. */
export function liveValues(
  text: string | undefined,
  place: KeyPlace,
  syntax: Syntax,
): (string | undefined)[] {
  return readEntries(splitLines(text ?? ""), syntax)
    .filter((entry) => isOf(entry, place))
    .map((entry) => entry.setting?.value);
}

/** The sections at the end in which only unwanted settings stood go too, with the blank line above. */
function withoutEmptied(entries: readonly Entry[], emptied: ReadonlySet<string>): readonly Entry[] {
  let end = entries.length;
  for (;;) {
    const last = entries[end - 1];
    if (last?.kind !== "header" || !emptied.has(last.section)) return entries.slice(0, end);
    end -= entries[end - 2]?.kind === "blank" ? 2 : 1;
  }
}
