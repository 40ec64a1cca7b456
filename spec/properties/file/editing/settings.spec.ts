import { runSettings } from "./cases.js";

const threeKeys = { foo: "baz", one: "four", two: "five" };

runSettings("settings, the cases that decided the rules", [
  // The line in force is the one to change, not a comment above it.
  [
    "live line before earlier comment",
    "space",
    "foo bar||# one two|one three|# one three",
    threeKeys,
    "foo baz||# one two|one four|# one three|two five",
  ],
  ["later duplicate of a right value", "space", "a 1|a 2", { a: "1" }, "a 1|# a 2"],
  // Many words are prose, one is a value.
  [
    "prose about a key",
    "space",
    "# Port is the port number|#Port 22",
    { Port: "2222" },
    "# Port is the port number|Port 2222",
  ],
  // A key without value is that key: a second line would contradict it.
  ["key without value", "space", "a", { a: "2" }, "a 2"],
  // Programs do not count blanks.
  [
    "any number of blanks about =",
    "equals",
    "a=1|b = 2|#c  =3",
    { a: "1", b: "2", c: "3" },
    "a=1|b = 2|c  =3",
  ],
  // It is the line of that key, but its program may not understand it.
  ["blanks where there may be none", "unspaced", "b = 2", { b: "2" }, "b=2"],
  // It says the same, so it is right.
  ["another way to quote", "shell", "A='x y'", { A: "x y" }, "A='x y'"],
  // An exported variable is that variable, and stays exported.
  ["an exported variable", "shell", "export A=1", { A: "2" }, "export A=2"],
  // Left behind, the second line would become part of the new value.
  [
    "a value on two lines",
    "equals",
    "mydestination = a,|  b",
    { mydestination: "x" },
    "mydestination = x",
  ],
  // Nothing is wrong, so nothing changes.
  ["right line below a comment", "space", "#a 0|a 1", { a: "1" }, "#a 0|a 1"],
  // Lines of other keys are not rewritten in the format asked for.
  ["blanks of other lines", "space", "a    1", { b: "2" }, "a    1|b 2"],
  ["blanks of other lines, tab", "tab", "::1 localhost", { b: "2" }, "::1 localhost|b\t2"],
  // Programs read indented lines.
  ["indented line", "space", "Host x|    Port 22", { Port: "23" }, "Host x|    Port 23"],
]);

runSettings("settings in a file that lacks them", [
  ["no file", "space", undefined, { a: "1" }, "a 1"],
  ["no file, nothing wanted", "space", undefined, {}, ""],
  ["empty file", "equals", "", { a: "1" }, "a = 1"],
  [
    "in the order given",
    "equals",
    "x = 1",
    [
      ["b", "1"],
      ["a", "2"],
    ],
    "x = 1|b = 1|a = 2",
  ],
  [
    "below trailing comments and blank lines",
    "space",
    "a 1|# end||",
    { b: "2" },
    "a 1|# end|||b 2",
  ],
  [
    "given twice: the last value, in the first place",
    "space",
    "",
    [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ],
    "a 3|b 2",
  ],
  ["tab", "tab", "a\t1", { b: "2" }, "a\t1|b\t2"],
  ["unspaced", "unspaced", "a=1", { b: "x y" }, "a=1|b=x y"],
  ["empty value, equals", "equals", "", { relayhost: "" }, "relayhost ="],
  ["empty value, unspaced", "unspaced", "", { a: "" }, "a="],
  ["empty value, space: a flag", "space", "", { rtcsync: "" }, "rtcsync"],
  ["a key is not a prefix", "space", "Ports 22|Por 22", { Port: "1" }, "Ports 22|Por 22|Port 1"],
  ["a key has a case", "space", "port 22", { Port: "1" }, "port 22|Port 1"],
  ["key with characters of expressions", "unspaced", "aXb=1", { "a.b": "2" }, "aXb=1|a.b=2"],
  ["value with $ and &", "equals", "a = 1", { a: "$1 $& $$" }, "a = $1 $& $$"],
  ["value with = in it", "unspaced", "a=b=c", { a: "b=d" }, "a=b=d"],
  ["value with a later #", "equals", "", { a: "x # y" }, "a = x # y"],
  ["not into the last line's continuation", "space", "a 1 \\", { b: "2" }, "a 1 \\||b 2"],
  ["nothing wanted", "space", "a  1|#x", {}, "a  1|#x"],
]);

runSettings("settings whose line is there", [
  ["right", "equals", "a=1", { a: "1" }, "a=1"],
  ["right, blanks at the end", "space", "a 1  ", { a: "1" }, "a 1  "],
  ["right, aligned", "space", "a      1", { a: "1" }, "a      1"],
  ["right, tab and blank", "tab", "a \t1", { a: "1" }, "a \t1"],
  ["only the value changes, equals", "equals", "a=1", { a: "2" }, "a=2"],
  ["only the value changes, aligned", "tab", "UMASK\t\t022", { UMASK: "077" }, "UMASK\t\t077"],
  ["indentation stays", "equals", "\ta = 1", { a: "2" }, "\ta = 2"],
  ["first of several wrong ones", "space", "a 1|b 1|a 2|a 3", { a: "4" }, "a 4|b 1|# a 2|# a 3"],
  ["indented duplicate", "space", "a 1|  a 2", { a: "1" }, "a 1|  # a 2"],
  [
    "duplicate on two lines",
    "equals",
    "a = 1|a = 2,|  3|b = 1",
    { a: "1" },
    "a = 1|# a = 2,|  # 3|b = 1",
  ],
  ["value becomes empty", "equals", "a = 1", { a: "" }, "a ="],
  ["empty value is filled", "equals", "a =|b=", { a: "1", b: "1" }, "a = 1|b=1"],
  ["flag loses its value", "space", "local stratum 10", { local: "" }, "local"],
  [
    "other lines stay as they are",
    "space",
    "a 1|  x  |\t|#  y|z",
    { a: "2" },
    "a 2|  x  |\t|#  y|z",
  ],
  [
    "comment at the end of a line is part of the value",
    "equals",
    "a = 1 # one",
    { a: "1" },
    "a = 1",
  ],
  [
    "several values kept",
    "space",
    "HostKey /a|x 1|HostKey /b",
    { HostKey: ["/a", "/b"] },
    "HostKey /a|x 1|HostKey /b",
  ],
  [
    "several values added next to each other",
    "space",
    "Port 22|x 1",
    { Port: ["22", "23", "24"] },
    "Port 22|Port 23|Port 24|x 1",
  ],
  [
    "several values from a comment",
    "space",
    "#Port 22|x 1",
    { Port: ["1", "2"] },
    "Port 1|Port 2|x 1",
  ],
  ["fewer values than lines", "space", "a 1|a 2|a 3", { a: ["1", "2"] }, "a 1|a 2|# a 3"],
  ["no values", "space", "#a 0|a 1|b 1", { a: [] }, "#a 0|# a 1|b 1"],
]);
