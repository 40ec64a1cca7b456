import type { IniSetting } from "../../../../properties/file/editing/ini.js";
import { runIni } from "./cases.js";

const k3: readonly IniSetting[] = [["s", "k", "3"]];

runIni("ini settings to change", [
  ["right, whatever the blanks", "[s]|  k  =3 ", k3, "[s]|  k  =3 "],
  ["only the value changes", "[s]|\tk\t= 1|a =  2", k3, "[s]|\tk\t= 3|a =  2"],
  [
    "empty value",
    "[s]|k=1|l = 1",
    [
      ["s", "k", ""],
      ["s", "l", ""],
    ],
    "[s]|k=|l =",
  ],
  [
    "empty value filled",
    "[s]|k=|l =",
    [
      ["s", "k", "1"],
      ["s", "l", "1"],
    ],
    "[s]|k=1|l = 1",
  ],
  ["duplicate in another place of the section", "[s]|k=3|[t]|[s]|k=4", k3, "[s]|k=3|[t]|[s]|# k=4"],
  ["the mark of the file", "; title|[s]|k=3|k=4", k3, "; title|[s]|k=3|; k=4"],
  ["indented duplicate", "[s]|  k=3|  k=4", k3, "[s]|  k=3|  # k=4"],
  ["commented out", "[s]|a=1|;k=1|b=1", k3, "[s]|a=1|k=3|b=1"],
  ["commented out, its own blanks", "[s]|a=1|# k = 1", k3, "[s]|a=1|k = 3"],
  ["commented out and indented", "[s]|   a = 1|;   k = 1", k3, "[s]|   a = 1|   k = 3"],
  ["commented out in another section", "[s]|a=1|[t]|#k=1", k3, "[s]|a=1|k=3|[t]|#k=1"],
  ["prose", "[s]|a=1|; k = what opens the door", k3, "[s]|a=1|k=3|; k = what opens the door"],
  ["value on indented lines", "[s]|k=1,|  2|  3|a=1", k3, "[s]|k=3|a=1"],
  ["list on lines that look like settings", "[s]|k=|  A=1|  B=2|a=1", k3, "[s]|k=3|a=1"],
  ["list with commas", "[s]|k=A=1,|  B=2|  a=1", k3, "[s]|k=3|  a=1"],
  ["a key in another's list is none", "[s]|env =|  k=1|a=1", k3, "[s]|env =|  k=1|a=1|k=3"],
  [
    "uneven indentation is no list",
    "[global]|k=1|   a = 1|   b = 2",
    [["global", "k", "3"]],
    "[global]|k=3|   a = 1|   b = 2",
  ],
  ["backslash", "[s]|k=1 \\|  2 \\|3|a=1", k3, "[s]|k=3|a=1"],
  ["backslash and comment", "[s]|k=1 \\|# two|  2|a=1", k3, "[s]|k=3|# two|a=1"],
  ["backslash and comment, not indented", "[s]|k=1 \\|# two|2|a=1", k3, "[s]|k=3|# two|a=1"],
  ["a comment ends a list", "[s]|k=1,|# about a|  a=1", k3, "[s]|k=3|# about a|  a=1"],
  ["what only contains = is no setting", "[s]|k = x|  a==1|  b>=2", k3, "[s]|k = 3"],
  ["duplicate with a comment inside", "[s]|k=3|k=4 \\|# five|5", k3, "[s]|k=3|# k=4 \\|# five|# 5"],
  ["backslash before a header", "[s]|k=1 \\|[t]|a=1", k3, "[s]|k=3|[t]|a=1"],
  ["key as a whole", "[s]|kk=1|k k=1|k:l=1", k3, "[s]|kk=1|k k=1|k:l=1|k=3"],
]);

const exec = (...values: string[]): readonly IniSetting[] => [["Service", "ExecStart", values]];

runIni("ini keys with several values", [
  [
    "as they are",
    "[Service]|ExecStart=a|X=1|ExecStart=b",
    exec("a", "b"),
    "[Service]|ExecStart=a|X=1|ExecStart=b",
  ],
  [
    "one more",
    "[Service]|ExecStart=a|X=1",
    exec("a", "b"),
    "[Service]|ExecStart=a|ExecStart=b|X=1",
  ],
  [
    "one less",
    "[Service]|ExecStart=a|ExecStart=b",
    exec("a"),
    "[Service]|ExecStart=a|# ExecStart=b",
  ],
  ["emptied first", "[Service]|ExecStart=a", exec("", "b"), "[Service]|ExecStart=|ExecStart=b"],
  [
    "none there",
    "[Service]|X = 1|[Install]",
    exec("a", "b"),
    "[Service]|X = 1|ExecStart = a|ExecStart = b|[Install]",
  ],
  ["none wanted", "[Service]|ExecStart=a", exec(), "[Service]|# ExecStart=a"],
  ["none wanted, no section", "[X]", exec(), "[X]"],
]);
