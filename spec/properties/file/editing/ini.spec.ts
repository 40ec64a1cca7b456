import type { IniSetting } from "../../../../properties/file/editing/ini.js";
import { runIni } from "./cases.js";

const k3: readonly IniSetting[] = [["s", "k", "3"]];

runIni("ini settings, the cases that decided the rules", [
  // The live line wins over a comment above it, and every line keeps its blanks.
  [
    "three sections",
    "[one]|two=three||[other]|; bar = ba|bar = baz baz quux",
    [
      ["one", "four", "five"],
      ["another", "k", "v"],
      ["other", "bar", "baz"],
      ["another", "key", "val"],
      ["finally", "this", "one"],
    ],
    "[one]|two=three|four=five||[other]|; bar = ba|bar = baz||[another]|k = v|key = val||[finally]|this = one",
  ],
  [
    "above a section's trailing comments",
    "[s]|a=1|# note||# about t|[t]|b=1",
    k3,
    "[s]|a=1|k=3|# note||# about t|[t]|b=1",
  ],
  // The header that is there is used, not a second one.
  ["empty section", "[s]||[t]|a=1", k3, "[s]|k=3||[t]|a=1"],
  // What is a comment already stays as it is; a new one has the file's own mark.
  ["duplicates", "[s]|k=1|k=2|;k=3", [["s", "k", "2"]], "[s]|k=2|; k=2|;k=3"],
  // Both places are one section: c changes where it is.
  [
    "a section in two places",
    "[s]|a=1|[t]|b=1|[s]|c=1",
    [
      ["s", "c", "2"],
      ["s", "k", "3"],
    ],
    "[s]|a=1|k=3|[t]|b=1|[s]|c=2",
  ],
  // That comment is in no section, so it is no template for this one.
  ["commented header", "#[s]|#k=1", k3, "#[s]|#k=1||[s]|k=3"],
  // Files that end in something else than a setting.
  ["comment at the end", "[s]|a=1|# end", k3, "[s]|a=1|k=3|# end"],
  ["blank line at the end", "[s]|a=1|", k3, "[s]|a=1|k=3|"],
  ["header at the end", "[t]|a=1||[s]", k3, "[t]|a=1||[s]|k=3"],
  ["indented keys only", "[s]|  a=1|  k=1", k3, "[s]|  a=1|  k=3"],
  // In the order given, not sorted: readers of unit files expect theirs.
  [
    "no file",
    undefined,
    [
      ["b", "k", "3"],
      ["a", "k", "3"],
    ],
    "[b]|k=3||[a]|k=3",
  ],
]);

runIni("ini settings to add", [
  ["empty file", "", k3, "[s]|k=3"],
  ["nothing wanted, no file", undefined, [], ""],
  ["header and nothing else", "[s]", k3, "[s]|k=3"],
  ["header and comments", "[s]|# about s", k3, "[s]|k=3|# about s"],
  ["blanks in a header", "[ s ]|a=1", [[" s", "k", "3"]], "[ s ]|a=1|k=3"],
  ["comment behind a header", "[s] # the first|a=1", k3, "[s] # the first|a=1|k=3"],
  ["brackets in a header", "[a[0]]|x=1", [["a[0]", "k", "3"]], "[a[0]]|x=1|k=3"],
  [
    "quotes in a header",
    '[remote "o"]|\turl = x',
    [['remote "o"', "fetch", "y"]],
    '[remote "o"]|\turl = x|\tfetch = y',
  ],
  ["sections have a case", "[S]|a=1", k3, "[S]|a=1||[s]|k=3"],
  ["style of neighbours", "[s]|  a = 1|[t]|b=1", k3, "[s]|  a = 1|  k = 3|[t]|b=1"],
  [
    "aligned neighbours",
    "[mysqld]|user            = mysql|port            = 1",
    [["mysqld", "k", "3"]],
    "[mysqld]|user            = mysql|port            = 1|k = 3",
  ],
  ["style of the file", "[t]|a = 1", k3, "[t]|a = 1||[s]|k = 3"],
  [
    "style of the section's other place",
    "[s]|[t]|a = 1|[s]|b=1|[u]|c = 1",
    k3,
    "[s]|k=3|[t]|a = 1|[s]|b=1|[u]|c = 1",
  ],
  ["after what is no setting", "[s]|a=1|skip-networking", k3, "[s]|a=1|skip-networking|k=3"],
  [
    "several, in order",
    "[s]|[t]",
    [
      ["s", "b", "1"],
      ["t", "c", "2"],
      ["s", "a", "3"],
    ],
    "[s]|b=1|a=3|[t]|c=2",
  ],
  ["the same key in two sections", "[s]|[t]|k=1", k3, "[s]|k=3|[t]|k=1"],
  [
    "given twice: the last",
    "[s]",
    [
      ["s", "k", "1"],
      ["s", "k", "2"],
    ],
    "[s]|k=2",
  ],
  [
    "key with blanks",
    "[global]|   workgroup = A",
    [["global", "server string", "x y"]],
    "[global]|   workgroup = A|   server string = x y",
  ],
  ["nameless section is not the top", "[]|a=1", [["", "a", "2"]], "a=2|[]|a=1"],
  ["at the top: below other settings", "a=1|# x|[s]", [["", "k", "3"]], "a=1|k=3|# x|[s]"],
  [
    "at the top: below the title",
    "# title|# more||[s]|a=1",
    [["", "k", "3"]],
    "# title|# more|k=3||[s]|a=1",
  ],
  [
    "at the top: not below a section's comment",
    "# about s|[s]|a=1",
    [["", "k", "3"]],
    "k=3|# about s|[s]|a=1",
  ],
  ["at the top: comments only", "# title", [["", "k", "3"]], "# title|k=3"],
  ["at the top: no sections", "a=1|# end", [["", "k", "3"]], "a=1|k=3|# end"],
  ["lists need no header", "[s]|a=1|  [t]|b=1", [["t", "k", "3"]], "[s]|a=1|  [t]|b=1|k=3"],
]);
