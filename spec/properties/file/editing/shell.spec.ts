import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { setSettings } from "../../../../properties/file/editing/settings.js";
import { readShellWord, shellQuoted } from "../../../../properties/file/editing/shellWord.js";
import fc from "../../../helpers/seeded.js";
import { runCases } from "./cases.js";

type Row = readonly [it: string, before: string, value: string, after: string];

const rows: readonly Row[] = [
  ["plain word", "", "2", "A=2"],
  ["quoted", "", "x y", 'A="x y"'],
  ["empty", "", "", 'A=""'],
  ["what a shell would expand", "", '$HOME `id` "q" \\ *', 'A="\\$HOME \\`id\\` \\"q\\" \\\\ *"'],
  ["right: unquoted, no value", "A=", "", "A="],
  ["right: double quotes", 'A="x"', "x", 'A="x"'],
  ["right: pieces", "A=x'y z'\"w\"\\ v", "xy zw v", "A=x'y z'\"w\"\\ v"],
  ["right: a dollar sign that expands nothing", 'A="5$ "', "5$ ", 'A="5$ "'],
  ["right: a mark within a word", "A=x#y", "x#y", "A=x#y"],
  ["wrong: expansion", "A=$B", "$B", 'A="\\$B"'],
  ["wrong: command substitution", "A=$(echo ')' \"x)\")", "1", "A=1"],
  ["wrong: back quotes", "A=`echo a b`", "1", "A=1"],
  ["wrong: braces", `A="\${B:-x y}"`, "1", "A=1"],
  ["wrong: tilde", "A=~/x", "~/x", 'A="~/x"'],
  ["wrong: dollar quotes", "A=$'x'", "$x", 'A="\\$x"'],
  ["comment behind it stays", "A=1 # one", "2", "A=2 # one"],
  ["comment behind a right value", "A=2  # two", "2", "A=2  # two"],
  ["command behind it stays", "A=1; export A", "2", "A=2; export A"],
  ["exported", "export   A=1", "2", "export   A=2"],
  ["exported and indented", "  export A=1", "2", "  export A=2"],
  ["commented out", "#A=1", "2", "A=2"],
  ["commented out with quotes", '# A="x y"', "2", "A=2"],
  ["commented out and exported", "#export A=1", "2", "export A=2"],
  ["commented out with a comment", "#A=1 # one", "2", "A=2 # one"],
  ["prose", "# A=1 means so", "2", "# A=1 means so|A=2"],
  ["prose with an apostrophe", "# A='tis", "2", "# A='tis|A=2"],
  ["a variable of one command", "A=1 make", "2", "A=1 make|A=2"],
  ["an array", "A=(1 2)", "2", "A=(1 2)|A=2"],
  ["blanks about = are no assignment", "A = 1", "2", "A = 1|A=2"],
  ["quotation over several lines", 'A="x|y"|B=1', "2", "A=2|B=1"],
  ["quotation with a mark in it", 'A="x|# y"|B=1', "2", "A=2|B=1"],
  ["another's quotation", "B='x|A=1 is text|y'", "2", "B='x|A=1 is text|y'|A=2"],
  ["quotation never closed", 'A="x|B=1|C=2', "2", "A=2|B=1|C=2"],
  ["quotation that meets an assignment", 'A="x|B=y"', "2", 'A=2|B=y"'],
  ["another's quotation never closed", 'B="x', "2", 'B="x|A=2'],
  ["lines joined", "A=x\\|y|B=1", "2", "A=2|B=1"],
  ["lines joined to the right value", "A=x\\|y|B=1", "xy", "A=x\\|y|B=1"],
  ["in a command's lines", "run \\|A=1", "2", "run \\|A=1|A=2"],
  ["duplicate", "A=1|export A=2", "1", "A=1|# export A=2"],
  ["duplicate on two lines", 'A=1|A="x|y"', "1", 'A=1|# A="x|# y"'],
  ["other lines", "if x; then|\tB='it is'|fi", "1", "if x; then|\tB='it is'|fi|A=1"],
];

runCases(
  "shell settings",
  (text, value) => setSettings(text, "shell", { A: value }),
  rows.map(([name, before, call, after]) => ({ it: name, before, call, after })),
);

describe("shell words", () => {
  it("are read back as they were", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const word = shellQuoted(value);
        assert.deepEqual(readShellWord(word, 0), { end: word.length, value, unfinished: false });
      }),
    );
  });

  it("mean to a shell what they mean here", () => {
    const unit = fc.constantFrom(..."ab $`\"'\\#~;&|(){}*=\t");
    const samples = fc.sample(fc.string({ unit, maxLength: 12 }), 300).flatMap((text) => {
      const { end, value, unfinished } = readShellWord(text, 0);
      return value === undefined || unfinished ? [] : [{ word: text.slice(0, end), value }];
    });
    const script = samples.map(({ word }) => `A=${word}\nprintf '%s\\n' "$A"\n`).join("");
    const { stdout, stderr } = spawnSync("sh", ["-s"], { input: script, encoding: "utf8" });
    assert.equal(stderr, "");
    assert.equal(stdout, samples.map(({ value }) => `${value}\n`).join(""));
  });
});
