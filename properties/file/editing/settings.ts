import { formats, type SettingsFormat } from "./syntax.js";
import { hasSettings, lacksSettings, liveValues, type SettingValue } from "./update.js";

export type { SettingsFormat } from "./syntax.js";
export type { SettingValue } from "./update.js";

/** Keys and values. (A record puts keys that are whole numbers first; pairs keep any order.) */
export type Settings =
  | Readonly<Record<string, SettingValue>>
  | readonly (readonly [key: string, value: SettingValue])[];

/**
 * Has each key set to its value.
 *
 * The first live line of a key gets the value; where there is none, the first comment that is
 * evidently that setting commented out; where there is none either, a line at the end, in the order
 * given. Only the value in a line changes: indentation, blanks about `=`, `export` and what a shell
 * line has after the value stay. Later live lines of the key are commented out. All other lines stay
 * byte for byte. Values are compared by what they mean: `a=1` satisfies `equals`, `A='x'` satisfies
 * `shell`. A value that goes on over several lines (backslash, open quote, in `equals` deeper
 * indentation) is one with its first line.
 *
 * @throws InvalidArgument for a key or value that the format cannot express
 */
export function setSettings(
  text: string | undefined,
  format: SettingsFormat,
  settings: Settings,
): string {
  const pairs = isPairs(settings) ? settings : Object.entries(settings);
  const wanted = pairs.map(([key, value]) => ({ section: "", key, value }));
  return hasSettings(text, wanted, formats[format]);
}

/** Has no live line of these keys: they are removed. A missing file stays missing. */
export function unsetSettings<T extends string | undefined>(
  text: T,
  format: SettingsFormat,
  keys: readonly string[],
): T | string {
  if (text === undefined) return text;
  const wanted = keys.map((key) => ({ section: "", key }));
  return lacksSettings(text, wanted, formats[format]);
}

/** The values of the key's live lines; undefined for one that only a shell could tell. */
export function settingValues(
  text: string | undefined,
  format: SettingsFormat,
  key: string,
): (string | undefined)[] {
  return liveValues(text, { section: "", key }, formats[format]);
}

function isPairs(
  settings: Settings,
): settings is Exclude<Settings, Readonly<Record<string, SettingValue>>> {
  return Array.isArray(settings);
}
