import { FileFailed } from "../../engine/index.js";
import { type Content, existsWithContent, hasContent } from "../../properties/file/index.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";

const large = Buffer.alloc(5_000_000, "a line that comes again and again\n");
const largeToo = Buffer.from(large).fill("b", 4_000_000, 4_000_001);
const odd = Uint8Array.from([0, 0xff, 0xfe, 0x0a, 0x0d, 0x80, 0x27, 0]);

/** Contents, and what the file then holds. */
const contents: readonly [name: string, content: Content, file: string | Uint8Array][] = [
  ["text", "text", "text\n"],
  ["text with its newline", "text\n", "text\n"],
  ["text that ends in an empty line", "text\n\n", "text\n\n"],
  ["no text", "", ""],
  ["no lines", [], ""],
  ["one empty line", [""], "\n"],
  ["lines", ["a", "b"], "a\nb\n"],
  ["carriage returns", "a\r\nb\r\n", "a\r\nb\r\n"],
  ["shell text", "$(touch x) `y` \\ ' \" %s \\n", "$(touch x) `y` \\ ' \" %s \\n\n"],
  ["what looks like options", "-n\n--help\n", "-n\n--help\n"],
  ["letters of the world", "żółć 日本 🦊\u0301", "żółć 日本 🦊\u0301\n"],
  ["bytes", odd, odd],
  ["no bytes", new Uint8Array(), ""],
  ["5 MB", large, large],
  ["60 kB of text", "x".repeat(60_000), `${"x".repeat(60_000)}\n`],
];

/** Names that are hard to handle. */
const names = [
  "a b",
  "it's",
  'a"b',
  "$(id)",
  "-n",
  "--help",
  "a\nb",
  "\n",
  "żółć",
  "*",
  "a\\b",
  " ",
];

runCases("file.hasContent", [
  ...contents.map(
    ([name, content, file]): PropertyCase => ({
      name,
      props: (root) => hasContent(`${root}/a`, content),
      outcome: "changed",
      becomes: { a: { content: file } },
    }),
  ),
  ...names.map(
    (name): PropertyCase => ({
      name: `a file called ${JSON.stringify(name)}`,
      props: (root) => hasContent(`${root}/${name}`, "text"),
      outcome: "changed",
      becomes: { [name]: "text\n" },
    }),
  ),
  {
    name: "the same content",
    given: { a: "text\n" },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: "unchanged",
  },
  {
    name: "the same 5 MB",
    given: { a: { content: large } },
    props: (root) => hasContent(`${root}/a`, large),
    outcome: "unchanged",
  },
  {
    name: "5 MB that differ in one byte",
    given: { a: { content: largeToo } },
    props: (root) => hasContent(`${root}/a`, large),
    outcome: "changed",
    becomes: { a: { content: large } },
  },
  {
    name: "little in place of 5 MB",
    given: { a: { content: large } },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: "changed",
    becomes: { a: "text\n" },
  },
  {
    name: "5 MB in a directory that is missing",
    props: (root) => hasContent(`${root}/a b/c`, large),
    outcome: "changed",
    becomes: { "a b/c": { content: large } },
  },
  {
    name: "directories that are missing",
    props: (root) => hasContent(`${root}/-a/$(b)/c`, "text"),
    outcome: "changed",
    becomes: { "-a/$(b)/c": "text\n" },
  },
  {
    name: "slashes too many",
    props: (root) => hasContent(`${root}//a/./b/`, "text"),
    outcome: "changed",
    becomes: { "a/b": "text\n" },
  },
  {
    name: "mode and owner are kept, and no set-id bit",
    given: { a: { content: "old\n", mode: 0o4751, user: "nobody", group: "daemon" } },
    props: (root) => hasContent(`${root}/a`, "new"),
    outcome: "changed",
    becomes: { a: { content: "new\n", mode: 0o751, user: "nobody", group: "daemon" } },
  },
  {
    name: "mode and owner are given",
    given: { a: "text\n" },
    props: (root) =>
      hasContent(`${root}/a`, "text", { mode: 0o2640, user: "nobody", group: "daemon" }),
    outcome: "changed",
    becomes: { a: { content: "text\n", mode: 0o2640, user: "nobody", group: "daemon" } },
  },
  {
    name: "owners by number, one that nobody has",
    props: (root) => hasContent(`${root}/a`, "text", { user: 54321, group: 1 }),
    outcome: "changed",
    becomes: { a: { content: "text\n", user: 54321, group: 1 } },
  },
  {
    name: "the mode 0",
    props: (root) => hasContent(`${root}/a`, "text", { mode: 0 }),
    outcome: "changed",
    becomes: { a: { content: "text\n", mode: 0 } },
  },
  {
    name: "a symlink of our own is followed",
    given: { a: { symlink: "b c" }, "b c": { content: "old\n", mode: 0o600 } },
    props: (root) => hasContent(`${root}/a`, "new"),
    outcome: "changed",
    becomes: { a: { symlink: "b c" }, "b c": { content: "new\n", mode: 0o600 } },
  },
  {
    name: "a dangling symlink of our own is followed",
    given: { a: { symlink: "b" } },
    props: (root) => hasContent(`${root}/a`, "new"),
    outcome: "changed",
    becomes: { a: { symlink: "b" }, b: "new\n" },
  },
  {
    name: "the content is right behind another account's symlink, which is not followed",
    given: { a: { symlink: "b", user: "nobody" }, b: "text\n" },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: { fails: FileFailed, says: /symlink .* belongs to nobody/ },
  },
  {
    name: "an account's own file",
    byAdmin: true,
    given: { a: { content: "old\n", mode: 0o640 } },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: "changed",
    becomes: { a: { content: "text\n", mode: 0o640 } },
  },
]);

runCases("file.existsWithContent", [
  {
    name: "a new file",
    props: (root) => existsWithContent(`${root}/a`, "text"),
    outcome: "changed",
    becomes: { a: "text\n" },
    unapplied: "restored",
  },
  {
    name: "a new file with a mode",
    props: (root) => existsWithContent(`${root}/a`, ["text"], { mode: 0o600 }),
    outcome: "changed",
    becomes: { a: { content: "text\n", mode: 0o600 } },
    unapplied: {},
  },
  {
    name: "a file that was there",
    given: { "it's": "text\n" },
    props: (root) => existsWithContent(`${root}/it's`, "text"),
    outcome: "unchanged",
    unapplied: {},
  },
  {
    name: "a symlink: unapplied, it goes and not the file",
    given: { a: { symlink: "b" }, b: "text\n" },
    props: (root) => existsWithContent(`${root}/a`, "text"),
    outcome: "unchanged",
    unapplied: { b: "text\n" },
  },
]);
