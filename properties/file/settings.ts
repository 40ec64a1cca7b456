import { z } from "zod";
import {
  type Finding,
  type LookingHost,
  type Outcome,
  type PosixHost,
  posixProperty,
} from "../../engine/index.js";
import { absolutePath } from "./arguments.js";
import { applyEdit, checkEdit, refinedBy } from "./edit.js";
import { type IniSetting, setIniSettings, unsetIniSettings } from "./editing/ini.js";
import {
  type Settings,
  type SettingsFormat,
  setSettings,
  unsetSettings,
} from "./editing/settings.js";

export type { IniSetting } from "./editing/ini.js";
export type { Settings, SettingValue } from "./editing/settings.js";

type SettingsArgs = [path: string, settings: Settings];

const value = z.union([z.string(), z.array(z.string())]);
/** Keys and values: a record, or pairs where the order of keys that are numbers matters. */
export const settingsSchema = z
  .union([z.record(z.string(), value), z.array(z.tuple([z.string(), value]))])
  .refine((settings) => keysOf(settings).length > 0, "expected a key with its value");

/**
 * The file sets each key to its value, as `key value`: in place of what is set or commented out,
 * or at the end. It and its directory are made when missing. Unapplied: it sets none of the keys.
 *
 * @example file.containsConfSpace("/etc/login.defs", { UMASK: "027" })
 */
export const containsConfSpace = posixProperty<SettingsArgs>(
  "file.containsConfSpace",
  settingsIn("space"),
);

/** Like {@link containsConfSpace}, as `key<TAB>value`. */
export const containsConfTab = posixProperty<SettingsArgs>(
  "file.containsConfTab",
  settingsIn("tab"),
);

/** Like {@link containsConfSpace}, as `key = value`. */
export const containsConfEquals = posixProperty<SettingsArgs>(
  "file.containsConfEquals",
  settingsIn("equals"),
);

/** Like {@link containsConfSpace}, as `key=value`. */
export const containsConfUnspaced = posixProperty<SettingsArgs>(
  "file.containsConfUnspaced",
  settingsIn("unspaced"),
);

/** Like {@link containsConfSpace}, as assignments of a shell: `key="value"`. */
export const containsConfShell = posixProperty<SettingsArgs>(
  "file.containsConfShell",
  settingsIn("shell"),
);

/**
 * The file sets each key to its value in its section, as `key=value` below `[section]`. It and its
 * directory are made when missing. Unapplied: it sets none of the keys.
 *
 * @example file.containsIniSettings("/etc/systemd/journald.conf", ["Journal", "Storage", "volatile"])
 */
export const containsIniSettings = posixProperty<[path: string, ...settings: IniSetting[]]>(
  "file.containsIniSettings",
  {
    args: refinedBy(z.tuple([absolutePath, iniSetting()], iniSetting()), (_path, ...settings) =>
      setIniSettings(undefined, settings),
    ),
    desc: (path, ...settings) =>
      `${path} sets ${settings.map(([section, key]) => `[${section}] ${key}`).join(", ")}`,
    check: (host, path, ...settings) =>
      checkEdit(
        host,
        path,
        (text) => setIniSettings(text, settings),
        (text) => unsetIniSettings(text, settings.map(keyOf)),
      ),
    apply: (host, path, ...settings) =>
      applyEdit(host, path, (text) => setIniSettings(text, settings)),
    unapply: (host, path, ...settings) =>
      applyEdit(host, path, (text) => unsetIniSettings(text, settings.map(keyOf))),
  },
);

function settingsIn(format: SettingsFormat) {
  return {
    args: refinedBy(z.tuple([absolutePath, settingsSchema]), (_path, settings) =>
      setSettings(undefined, format, settings),
    ),
    desc: (path: string, settings: Settings) => `${path} sets ${keysOf(settings).join(", ")}`,
    check: (host: LookingHost, path: string, settings: Settings): Promise<Finding> =>
      checkEdit(
        host,
        path,
        (text) => setSettings(text, format, settings),
        (text) => unsetSettings(text, format, keysOf(settings)),
      ),
    apply: (host: PosixHost, path: string, settings: Settings): Promise<Outcome> =>
      applyEdit(host, path, (text) => setSettings(text, format, settings)),
    unapply: (host: PosixHost, path: string, settings: Settings): Promise<Outcome> =>
      applyEdit(host, path, (text) => unsetSettings(text, format, keysOf(settings))),
  };
}

function keysOf(settings: Settings): string[] {
  return Array.isArray(settings) ? settings.map(([key]) => String(key)) : Object.keys(settings);
}

function keyOf([section, key]: IniSetting): readonly [string, string] {
  return [section, key];
}

function iniSetting() {
  return z.tuple([z.string(), z.string(), value]);
}
