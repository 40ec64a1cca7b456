import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidArgument, isError } from "../../../../engine/base/errors.js";
import { containsBlock } from "../../../../properties/file/editing/block.js";
import { setIniSettings } from "../../../../properties/file/editing/ini.js";
import {
  containsLines,
  lacksLines,
  lacksLinesMatching,
  regexReplacedLines,
} from "../../../../properties/file/editing/lines.js";
import { type SettingsFormat, setSettings } from "../../../../properties/file/editing/settings.js";
import { fstab, setTableEntries } from "../../../../properties/file/editing/table.js";

function refuses(name: string, edit: () => unknown): void {
  it(name, () => assert.throws(edit, (error) => isError(error, InvalidArgument)));
}

const everyFormat: readonly SettingsFormat[] = ["space", "tab", "equals", "unspaced", "shell"];

describe("settings refuse a key", () => {
  for (const format of everyFormat) {
    for (const key of ["", "a b", " a", "a\t", "a\n", "a\r", "a\0", "#a"]) {
      refuses(`${JSON.stringify(key)} in ${format}`, () => setSettings("", format, { [key]: "1" }));
    }
  }
  for (const format of ["equals", "unspaced", "shell"] as const) {
    refuses(`with = in ${format}`, () => setSettings("", format, { "a=b": "1" }));
  }
  refuses("that is no variable", () => setSettings("", "shell", { "a-b": "1" }));
  refuses("even when nothing is to be done", () => setSettings("a b 1\n", "space", { "a b": "1" }));
});

describe("settings refuse a value", () => {
  for (const format of everyFormat) {
    for (const value of ["a\nb", "a\r", "\0"]) {
      refuses(`${JSON.stringify(value)} in ${format}`, () => setSettings("", format, { a: value }));
    }
    if (format === "shell") continue;
    for (const value of [" a", "a\t", " ", "a\\"]) {
      refuses(`${JSON.stringify(value)} in ${format}`, () => setSettings("", format, { a: value }));
    }
  }
  refuses("among several", () => setSettings("", "space", { a: ["1", "2\n"] }));
});

describe("ini settings refuse", () => {
  for (const key of ["", " a", "a ", "a=b", "a\n", "#a", ";a", "[a", "[a]"]) {
    refuses(`the key ${JSON.stringify(key)}`, () => setIniSettings("", [["s", key, "1"]]));
  }
  for (const value of [" a", "a\n", "a\\"]) {
    refuses(`the value ${JSON.stringify(value)}`, () => setIniSettings("", [["s", "k", value]]));
  }
  for (const section of ["a\nb", "a\0", "a] # b"]) {
    refuses(`the section ${JSON.stringify(section)}`, () =>
      setIniSettings("", [[section, "k", "v"]]),
    );
  }
});

describe("lines, blocks and tables refuse", () => {
  refuses("a line that is two", () => containsLines("", ["a\nb"]));
  refuses("to lack a line that is two", () => lacksLines("", ["a\nb"]));
  refuses("what is no expression", () => lacksLinesMatching("", ["("]));
  refuses("what is no expression, without a file", () => lacksLinesMatching(undefined, ["("]));
  refuses("a replacement that is two lines", () => regexReplacedLines("", "a", "b\nc"));
  refuses("a block's name that is two lines", () => containsBlock("", "a\nb", []));
  refuses("a block without a name", () => containsBlock("", " ", []));
  refuses("a block that contains its end", () => containsBlock("", "x", ["# END x"]));
  for (const entry of ["", "# /dev/x / ext4", "/dev/x", "/dev/x / ext4\n/dev/y /y ext4"]) {
    refuses(`the entry ${JSON.stringify(entry)}`, () => setTableEntries("", fstab, [entry]));
  }
});
