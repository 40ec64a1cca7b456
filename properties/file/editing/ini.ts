import { InvalidArgument } from "../../../engine/index.js";
import { checkLine } from "./lines.js";
import { headerName, ini, trimmed } from "./syntax.js";
import { hasSettings, lacksSettings, liveValues, type SettingValue } from "./update.js";

/** A key of a section (`""`: above the first header) with its value, or all its values. */
export type IniSetting = readonly [section: string, key: string, value: SettingValue];

/** A key of a section. */
export type IniKey = readonly [section: string, key: string];

/**
 * Has each key set to its value in its section.
 *
 * As `setSettings` does, with these additions. All occurrences of a section count as one. A key that
 * is nowhere in it, live or commented out, goes after the last setting of the first occurrence,
 * written like its neighbours; a section that is missing is added at the end, after a blank line.
 * Comments begin with `#` or `;`. A value goes on in lines that are indented deeper and are no
 * settings themselves, or after a backslash.
 *
 * @throws InvalidArgument for a section, key or value that cannot be written in such a file
 */
export function setIniSettings(text: string | undefined, settings: readonly IniSetting[]): string {
  const wanted = settings.map(([section, key, value]) => {
    return { section: checkedSection(section), key, value };
  });
  return hasSettings(text, wanted, ini);
}

/**
 * Has no live line of these keys: they are removed. A missing file stays missing.
 *
 * A section at the end of the file in which nothing else stood goes too, with the blank line above
 * it: so unsetting undoes a setting that had to add its section.
 */
export function unsetIniSettings<T extends string | undefined>(
  text: T,
  keys: readonly IniKey[],
): T | string {
  if (text === undefined) return text;
  const wanted = keys.map(([section, key]) => ({ section: trimmed(section), key }));
  return lacksSettings(text, wanted, ini);
}

/** The values of the key's live lines in all occurrences of the section. */
export function iniValues(
  text: string | undefined,
  section: string,
  key: string,
): (string | undefined)[] {
  return liveValues(text, { section: trimmed(section), key }, ini);
}

function checkedSection(section: string): string {
  const name = trimmed(section);
  checkLine(name, "a section");
  if (name !== "" && headerName(`[${name}]`, ini) !== name) {
    throw new InvalidArgument("a section cannot be written in such a file", { section });
  }
  return name;
}
