import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type IniSetting, setIniSettings } from "../../../../properties/file/editing/ini.js";
import {
  type Settings,
  type SettingsFormat,
  setSettings,
} from "../../../../properties/file/editing/settings.js";

/** `before` and `after` have `|` for every newline but the last; undefined is a missing file. */
export interface Case<Call> {
  readonly it: string;
  readonly before: string | undefined;
  readonly call: Call;
  readonly after: string;
}

/** The text of a file whose lines are written with `|` between them. */
export function file(lines: string): string {
  return lines === "" ? "" : `${lines.replaceAll("|", "\n")}\n`;
}

/** One test a case: the result is as said, and a second run changes nothing. */
export function runCases<Call>(
  title: string,
  edit: (text: string | undefined, call: Call) => string,
  cases: readonly Case<Call>[],
): void {
  describe(title, () => {
    for (const { it: name, before, call, after } of cases) {
      it(name, () => {
        const result = edit(before === undefined ? before : file(before), call);
        assert.equal(result, file(after));
        assert.equal(edit(result, call), result, "a second run changes something");
      });
    }
  });
}

export type SettingsCase = readonly [
  it: string,
  format: SettingsFormat,
  before: string | undefined,
  settings: Settings,
  after: string,
];

/** {@link runCases} for settings without sections. */
export function runSettings(title: string, rows: readonly SettingsCase[]): void {
  type Call = readonly [format: SettingsFormat, settings: Settings];
  runCases<Call>(
    title,
    (text, [format, settings]) => setSettings(text, format, settings),
    rows.map(([name, format, before, settings, after]) => {
      return { it: name, before, call: [format, settings], after };
    }),
  );
}

export type IniCase = readonly [
  it: string,
  before: string | undefined,
  settings: readonly IniSetting[],
  after: string,
];

/** {@link runCases} for settings in sections. */
export function runIni(title: string, rows: readonly IniCase[]): void {
  const cases = rows.map(([name, before, call, after]) => ({ it: name, before, call, after }));
  runCases(title, setIniSettings, cases);
}
