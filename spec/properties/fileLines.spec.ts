import { FileFailed, InvalidArgument } from "../../engine/index.js";
import { containsLines, lacksLines, lacksLinesMatching } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

/** A line in Latin-1, which is no UTF-8. */
const latin = Uint8Array.from(Buffer.from("# Stra\xdfe\nb\n", "latin1"));
const latinAndMore = Uint8Array.from(Buffer.from("# Stra\xdfe\nb\n\xc3\xa9\n", "latin1"));

runCases("file.containsLines", [
  {
    name: "a file that is missing, in a directory that is missing",
    props: (root) => containsLines(`${root}/it's/$(a)`, "one", "two"),
    outcome: "changed",
    becomes: { "it's/$(a)": "one\ntwo\n" },
    unapplied: { "it's/$(a)": "" },
  },
  {
    name: "some are there",
    given: { a: { content: "x\ntwo\n\n", mode: 0o600, user: "nobody" } },
    props: (root) => containsLines(`${root}/a`, "one", "two", "one"),
    outcome: "changed",
    becomes: { a: { content: "x\ntwo\n\none\n", mode: 0o600, user: "nobody" } },
    unapplied: { a: { content: "x\n\n", mode: 0o600, user: "nobody" } },
  },
  {
    name: "all are there, one without its newline",
    given: { a: "two\none" },
    props: (root) => containsLines(`${root}/a`, "one", "two"),
    outcome: "unchanged",
    unapplied: { a: "" },
  },
  {
    name: "a comment and a longer line are not the line",
    given: { a: "# one\none two\n one\n" },
    props: (root) => containsLines(`${root}/a`, "one"),
    outcome: "changed",
    becomes: { a: "# one\none two\n one\none\n" },
    unapplied: "restored",
  },
  {
    name: "carriage returns and a byte order mark stay",
    given: { a: "\uFEFFone\r\ntwo\r\n" },
    props: (root) => containsLines(`${root}/a`, "one", "three"),
    outcome: "changed",
    becomes: { a: "\uFEFFone\r\ntwo\r\nthree\r\n" },
    unapplied: { a: "\uFEFFtwo\r\n" },
  },
  {
    name: "bytes that are no UTF-8 stay",
    given: { a: { content: latin } },
    props: (root) => containsLines(`${root}/a`, "é"),
    outcome: "changed",
    becomes: { a: { content: latinAndMore } },
    unapplied: "restored",
  },
  {
    name: "lines that a shell would take apart",
    props: (root) => containsLines(`${root}/a`, "$(id) `id`", "-n", "'\"\\", "%s", "é\t"),
    outcome: "changed",
    becomes: { a: "$(id) `id`\n-n\n'\"\\\n%s\né\t\n" },
    unapplied: { a: "" },
  },
  {
    name: "a symlink of our own is followed",
    given: { a: { symlink: "b" }, b: "one\n" },
    props: (root) => containsLines(`${root}/a`, "two"),
    outcome: "changed",
    becomes: { a: { symlink: "b" }, b: "one\ntwo\n" },
    unapplied: "restored",
  },
  {
    name: "a directory is there",
    given: { a: { directory: true } },
    props: (root) => containsLines(`${root}/a`, "one"),
    outcome: { fails: FileFailed },
  },
  {
    name: "no lines",
    props: () => containsLines("/a"),
    outcome: { fails: InvalidArgument },
  },
  {
    name: "a line with a newline",
    props: () => containsLines("/a", "one\ntwo"),
    outcome: { fails: InvalidArgument, says: /newline/ },
  },
]);

runCases("file.lacksLines", [
  {
    name: "all that match go, nothing else",
    given: { a: { content: "one\ntwo\n# one\none\none ", mode: 0o640 } },
    props: (root) => lacksLines(`${root}/a`, "one", "three"),
    outcome: "changed",
    becomes: { a: { content: "two\n# one\none \n", mode: 0o640 } },
  },
  {
    name: "a file that is missing stays missing",
    props: (root) => lacksLines(`${root}/a/b`, "one"),
    outcome: "unchanged",
  },
  {
    name: "all lines go",
    given: { a: "one\r\none\r\n" },
    props: (root) => lacksLines(`${root}/a`, "one"),
    outcome: "changed",
    becomes: { a: "" },
  },
]);

runCases("file.lacksLinesMatching", [
  {
    name: "anywhere in the line",
    given: { a: "one\nbone\ntwo\nTWO\n" },
    props: (root) => lacksLinesMatching(`${root}/a`, "on.$", { source: "^two", flags: "i" }),
    outcome: "changed",
    becomes: { a: "" },
  },
  {
    name: "no line matches",
    given: { a: "one" },
    props: (root) => lacksLinesMatching(`${root}/a`, "^on$"),
    outcome: "unchanged",
  },
  {
    name: "a file that is missing stays missing",
    props: (root) => lacksLinesMatching(`${root}/a`, "."),
    outcome: "unchanged",
  },
  {
    name: "what is no pattern",
    props: () => lacksLinesMatching("/a", "("),
    outcome: { fails: InvalidArgument, says: /regular expression/ },
  },
]);
