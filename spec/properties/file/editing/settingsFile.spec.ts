import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Settings,
  type SettingsFormat,
  setSettings,
  settingValues,
  unsetSettings,
} from "../../../../properties/file/editing/settings.js";

describe("settings as they stand in the file", () => {
  const bytes: readonly (readonly [string, string, Settings, string])[] = [
    ["CRLF kept and used", "a 1\r\nb 2\r\n", { a: "2", c: "3" }, "a 2\r\nb 2\r\nc 3\r\n"],
    ["CRLF, nothing to do", "a 1\r\n", { a: "1" }, "a 1\r\n"],
    ["mixed ends kept", "a 1\r\nb 2\n", { a: "2", c: "3" }, "a 2\r\nb 2\nc 3\n"],
    ["no final newline, nothing to do", "b 1\na 1", { a: "1" }, "b 1\na 1"],
    ["no final newline, changed", "b 1\na 1", { a: "2" }, "b 1\na 2\n"],
    ["no final newline, changed elsewhere", "a 1\r\nb 1", { a: "2" }, "a 2\r\nb 1\r\n"],
    ["byte order mark", "\uFEFFa 1\n", { a: "2" }, "\uFEFFa 2\n"],
    ["byte order mark alone", "\uFEFF", { a: "2" }, "\uFEFFa 2\n"],
    ["other white space is text", "a\u00a01\na 1\u2028\n", { a: "1" }, "a\u00a01\na 1\n"],
  ];
  for (const [name, before, settings, after] of bytes) {
    it(name, () => assert.equal(setSettings(before, "space", settings), after));
  }
});

describe("settings unset", () => {
  const rows: readonly (readonly [string, SettingsFormat, string, readonly string[], string])[] = [
    ["all live lines", "space", "a 1\nb 1\n a 2\n", ["a"], "b 1\n"],
    ["comments stay", "space", "#a 1\na 1\n", ["a"], "#a 1\n"],
    ["with the lines of the value", "equals", "a = 1,\n  2\nb = 1\n", ["a"], "b = 1\n"],
    ["nothing to do", "space", "b 1", ["a"], "b 1"],
    ["the last line", "shell", "export A=1\n", ["A"], ""],
    [
      "what stood apart stays apart",
      "equals",
      "c = 1,\nd = 2\n  b = 3\n",
      ["d"],
      "c = 1,\n\n  b = 3\n",
    ],
  ];
  for (const [name, format, before, keys, after] of rows) {
    it(name, () => assert.equal(unsetSettings(before, format, keys), after));
  }
  it("leaves a missing file missing", () => {
    assert.equal(unsetSettings(undefined, "space", ["a"]), undefined);
  });
  it("tells live values", () => {
    assert.deepEqual(settingValues("a 1\n#a 2\n  a x y\n", "space", "a"), ["1", "x y"]);
    assert.deepEqual(settingValues("A=$B\n", "shell", "A"), [undefined]);
    assert.deepEqual(settingValues(undefined, "space", "a"), []);
  });
});
