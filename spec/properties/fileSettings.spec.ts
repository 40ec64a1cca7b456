import { InvalidArgument } from "../../engine/index.js";
import {
  containsConfEquals,
  containsConfShell,
  containsConfSpace,
  containsConfTab,
  containsConfUnspaced,
  containsIniSettings,
} from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.containsConf…", [
  {
    name: "space",
    given: { a: "foo bar\n\n# one two\none three\n" },
    props: (root) => containsConfSpace(`${root}/a`, { foo: "baz", one: "four", two: "five" }),
    outcome: "changed",
    becomes: { a: "foo baz\n\n# one two\none four\ntwo five\n" },
    unapplied: { a: "\n# one two\n" },
  },
  {
    name: "space, right already but for a line that it does not name",
    given: { a: "Port   22\nother\tthing\n" },
    props: (root) => containsConfSpace(`${root}/a`, { Port: "22" }),
    outcome: "unchanged",
    unapplied: { a: "other\tthing\n" },
  },
  {
    name: "space, several values of a key",
    props: (root) => containsConfSpace(`${root}/a`, [["Listen", ["1", "2"]]]),
    outcome: "changed",
    becomes: { a: "Listen 1\nListen 2\n" },
    unapplied: { a: "" },
  },
  {
    name: "tab, in directories that are missing",
    props: (root) => containsConfTab(`${root}/-a b/it's`, { "1.2.3.4": "name alias" }),
    outcome: "changed",
    becomes: { "-a b/it's": "1.2.3.4\tname alias\n" },
    unapplied: { "-a b/it's": "" },
  },
  {
    name: "equals, with carriage returns",
    given: { a: { content: "a=1\r\nb = 2\r\n", mode: 0o600 } },
    props: (root) => containsConfEquals(`${root}/a`, { a: "1", b: "3", c: "" }),
    outcome: "changed",
    becomes: { a: { content: "a=1\r\nb = 3\r\nc =\r\n", mode: 0o600 } },
    unapplied: { a: { content: "", mode: 0o600 } },
  },
  {
    name: "unspaced",
    given: { a: "#a=0\n" },
    props: (root) => containsConfUnspaced(`${root}/a`, { a: "1" }),
    outcome: "changed",
    becomes: { a: "a=1\n" },
    unapplied: { a: "" },
  },
  {
    name: "shell, with values that need quotes",
    given: { a: "export A=1 # note\n" },
    props: (root) => containsConfShell(`${root}/a`, { A: "x y", B: "$(id) `id` \"'\\" }),
    outcome: "changed",
    becomes: { a: 'export A="x y" # note\nB="\\$(id) \\`id\\` \\"\'\\\\"\n' },
    unapplied: { a: "" },
  },
  {
    name: "some of them are set: unapplied, these go",
    given: { a: "a=1\n" },
    props: (root) => containsConfUnspaced(`${root}/a`, { a: "2", b: "2" }),
    outcome: "changed",
    becomes: { a: "a=2\nb=2\n" },
    unapplied: { a: "" },
  },
  ...["", "a b", "a\nb", "#a"].map((key) => ({
    name: `the key ${JSON.stringify(key)}`,
    props: () => containsConfUnspaced("/a", { [key]: "1" }),
    outcome: { fails: InvalidArgument },
  })),
  {
    name: "a value with a newline",
    props: () => containsConfSpace("/a", { a: "1\n2" }),
    outcome: { fails: InvalidArgument, says: /newline/ },
  },
]);

runCases("file.containsIniSettings", [
  {
    name: "sections that are there and that are not",
    given: { a: "[one]\ntwo=three\n\n[other]\n; bar = ba\nbar = baz\n" },
    props: (root) =>
      containsIniSettings(
        `${root}/a`,
        ["one", "four", "five"],
        ["new", "k", "v"],
        ["other", "bar", "x"],
      ),
    outcome: "changed",
    becomes: {
      a: "[one]\ntwo=three\nfour=five\n\n[other]\n; bar = ba\nbar = x\n\n[new]\nk = v\n",
    },
    unapplied: { a: "[one]\ntwo=three\n\n[other]\n; bar = ba\n" },
  },
  {
    name: "a file and a directory that are missing",
    props: (root) => containsIniSettings(`${root}/a/b`, ["s", "k", "v"]),
    outcome: "changed",
    becomes: { "a/b": "[s]\nk=v\n" },
    unapplied: { "a/b": "" },
  },
  {
    name: "set already",
    given: { a: "[s]\nk = v\n# end\n" },
    props: (root) => containsIniSettings(`${root}/a`, ["s", "k", "v"]),
    outcome: "unchanged",
    unapplied: { a: "[s]\n# end\n" },
  },
  {
    name: "a section with a newline",
    props: () => containsIniSettings("/a", ["s]\n[t", "k", "v"]),
    outcome: { fails: InvalidArgument },
  },
]);
