import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { containsBlock, lacksBlock } from "../../../../properties/file/editing/block.js";
import {
  containsLines,
  editedAbove,
  lacksLines,
  lacksLinesMatching,
  type Pattern,
  regexReplacedLines,
} from "../../../../properties/file/editing/lines.js";
import { setSettings } from "../../../../properties/file/editing/settings.js";

type Row<Call> = readonly [it: string, before: string | undefined, call: Call, after: string];

function run<Call>(
  title: string,
  edit: (text: string | undefined, call: Call) => string | undefined,
  rows: readonly Row<Call>[],
): void {
  describe(title, () => {
    for (const [name, before, call, after] of rows) {
      it(name, () => assert.equal(edit(before, call), after));
    }
  });
}

run<readonly string[]>("contains lines", containsLines, [
  ["no file", undefined, ["a"], "a\n"],
  ["no file and no lines", undefined, [], ""],
  ["appended in order", "b\n", ["c", "a"], "b\nc\na\n"],
  ["present anywhere", "a\nb\n", ["b", "a"], "a\nb\n"],
  ["present without final newline", "a\nb", ["b"], "a\nb"],
  ["after a line without final newline", "a", ["b"], "a\nb\n"],
  ["comments and blanks count", "#a\n a\n", ["a"], "#a\n a\na\n"],
  ["twice among those wanted", "", ["a", "a"], "a\n"],
  ["CRLF", "a\r\n", ["a", "b"], "a\r\nb\r\n"],
  ["byte order mark", "\uFEFFa\n", ["a"], "\uFEFFa\n"],
  ["an empty line", "a\n", [""], "a\n\n"],
]);

run<readonly string[]>("lacks lines", lacksLines, [
  ["all of them", "a\nb\na\n", ["a"], "b\n"],
  ["exact ones only", " a\nA\n", ["a"], " a\nA\n"],
  ["down to nothing", "a\n", ["a"], ""],
  ["nothing to do", "b", ["a"], "b"],
  ["the last line", "b\na", ["a"], "b\n"],
  ["what is left ends with a newline", "a\nb", ["a"], "b\n"],
  ["CRLF", "a\r\nb\r\n", ["a"], "b\r\n"],
]);

run<readonly Pattern[]>("lacks lines matching", lacksLinesMatching, [
  ["at any place", "xay\nb\n", ["a"], "b\n"],
  ["anchored", "xa\na\n", ["^a$"], "xa\n"],
  ["anchored before CRLF", "a\r\nb\r\n", ["a$"], "b\r\n"],
  ["one of several", "a\nb\nc\n", ["a", "c"], "b\n"],
  ["with flags", "A\nb\n", [/a/gi], "b\n"],
  ["characters beyond 16 bits are one", "\u{1F600}\nb\n", ["^.$"], ""],
]);

it("lacking leaves a missing file missing", () => {
  assert.equal(lacksLines(undefined, ["a"]), undefined);
  assert.equal(lacksLinesMatching(undefined, ["a"]), undefined);
  assert.equal(regexReplacedLines(undefined, "a", "b"), undefined);
  assert.equal(lacksBlock(undefined, "x"), undefined);
});

type Replacement = readonly [pattern: Pattern, replacement: string, every?: boolean];

run<Replacement>(
  "regex replaced lines",
  (text, [pattern, replacement, every = false]) =>
    regexReplacedLines(text, pattern, replacement, { every }),
  [
    ["first on each line", "aa\nba\n", ["a", "x"], "xa\nbx\n"],
    ["every", "aa\nba\n", ["a", "x", true], "xx\nbx\n"],
    ["groups", "a=1\n", ["^(\\w)=(\\d)", "$2=$1 $& $$"], "1=a a=1 $\n"],
    ["named groups", "a=1\n", ["(?<key>a)", "$<key>$<key>"], "aa=1\n"],
    ["no match keeps every byte", "a\r\nb", ["x", "y"], "a\r\nb"],
    ["match replaced with itself", "a\nb", ["(b)", "$1"], "a\nb"],
    ["sticky and global flags do not count", "ba\nba\n", [/a/gy, "x"], "bx\nbx\n"],
  ],
);

run<readonly string[]>("contains block", (text, lines) => containsBlock(text, "x", lines), [
  ["no file", undefined, ["a"], "# BEGIN x\na\n# END x\n"],
  ["appended", "z", ["a"], "z\n# BEGIN x\na\n# END x\n"],
  ["in place", "# BEGIN x\na\nb\n# END x\nz\n", ["c"], "# BEGIN x\nc\n# END x\nz\n"],
  ["right", "# BEGIN x\na\n# END x", ["a"], "# BEGIN x\na\n# END x"],
  ["without lines", "", [], "# BEGIN x\n# END x\n"],
  [
    "another's block",
    "# BEGIN xy\n# END xy\n",
    ["a"],
    "# BEGIN xy\n# END xy\n# BEGIN x\na\n# END x\n",
  ],
  ["never ended", "# BEGIN x\nz\n", ["a"], "# BEGIN x\nz\n# BEGIN x\na\n# END x\n"],
  [
    "never ended, again",
    "# BEGIN x\nz\n# BEGIN x\nb\n# END x\n",
    ["a"],
    "# BEGIN x\nz\n# BEGIN x\na\n# END x\n",
  ],
  ["CRLF", "# BEGIN x\r\na\r\n# END x\r\n", ["a", "b"], "# BEGIN x\r\na\r\nb\r\n# END x\r\n"],
]);

run<string>("lacks block", lacksBlock, [
  ["removed", "a\n# BEGIN x\nb\n# END x\nc\n", "x", "a\nc\n"],
  ["all of them", "# BEGIN x\n# END x\na\n# BEGIN x\n# END x\n", "x", "a\n"],
  ["not half of one", "# END x\n# BEGIN x\n", "x", "# END x\n# BEGIN x\n"],
]);

run<string>(
  "edited above a line",
  (text, pattern) => editedAbove(text, pattern, (above) => setSettings(above, "space", { a: "1" })),
  [
    ["no such line", "b 1\n", "^Match", "b 1\na 1\n"],
    ["no file", undefined, "^Match", "a 1\n"],
    ["above it", "b 1\nMatch x\n  a 2\n", "^Match", "b 1\na 1\nMatch x\n  a 2\n"],
    ["on top", "Match x\n a 2", "^Match", "a 1\nMatch x\n a 2"],
    ["below a byte order mark", "\uFEFFb 1\r\nMatch x", "^Match", "\uFEFFb 1\r\na 1\r\nMatch x"],
    ["right", "a 1\nMatch x\na 2", "^Match", "a 1\nMatch x\na 2"],
  ],
);
