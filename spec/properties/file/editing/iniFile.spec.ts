import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type IniKey,
  type IniSetting,
  iniValues,
  setIniSettings,
  unsetIniSettings,
} from "../../../../properties/file/editing/ini.js";

const k3: readonly IniSetting[] = [["s", "k", "3"]];

describe("an ini file's bytes", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["CRLF", "[s]\r\na=1\r\n", "[s]\r\na=1\r\nk=3\r\n"],
    ["CRLF, new section", "[t]\r\na=1", "[t]\r\na=1\r\n\r\n[s]\r\nk=3\r\n"],
    ["byte order mark before a header", "\uFEFF[s]\n", "\uFEFF[s]\nk=3\n"],
    ["no final newline, nothing to do", "[s]\nk=3", "[s]\nk=3"],
  ];
  for (const [name, before, after] of rows) {
    it(name, () => assert.equal(setIniSettings(before, k3), after));
  }
});

describe("ini settings unset", () => {
  const rows: readonly (readonly [string, string, readonly IniKey[], string])[] = [
    [
      "in all places of the section",
      "[s]\nk=1\na=1\n[t]\nk=1\n[s]\n k=2\nb=1\n",
      [["s", "k"]],
      "[s]\na=1\n[t]\nk=1\n[s]\nb=1\n",
    ],
    ["comments stay", "[s]\n#k=1\nk=1\n", [["s", "k"]], "[s]\n#k=1\n"],
    ["with the section they were all of", "[t]\na=1\n\n[s]\nk=1\n", [["s", "k"]], "[t]\na=1\n"],
    [
      "several sections",
      "[t]\n\n[s]\nk=1\n\n[u]\nk=1\n",
      [
        ["s", "k"],
        ["u", "k"],
      ],
      "[t]\n",
    ],
    ["a section further up stays", "[s]\nk=1\n\n[t]\n", [["s", "k"]], "[s]\n\n[t]\n"],
    ["an empty section stays", "[t]\nk=1\n[s]\n", [["s", "k"]], "[t]\nk=1\n[s]\n"],
    ["nothing to do", "[s]\na=1", [["s", "k"]], "[s]\na=1"],
  ];
  for (const [name, before, keys, after] of rows) {
    it(name, () => assert.equal(unsetIniSettings(before, keys), after));
  }
  it("leaves a missing file missing", () => {
    assert.equal(unsetIniSettings(undefined, [["s", "k"]]), undefined);
  });
  it("adds with CRLF on top", () => {
    assert.equal(setIniSettings("[s]\r\na=1\n", [["", "k", "3"]]), "k=3\r\n[s]\r\na=1\n");
  });
  it("tells live values", () => {
    assert.deepEqual(iniValues("[s]\nk=1\n[t]\nk=2\n[s]\nk = 3\n;k=4\n", "s", "k"), ["1", "3"]);
  });
});
