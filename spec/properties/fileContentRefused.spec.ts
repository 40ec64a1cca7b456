import { AbortedChange, FailedChange, FileFailed, InvalidArgument } from "../../engine/index.js";
import { hasContent } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.hasContent, refused", [
  {
    name: "a directory is there",
    given: { "a/b": "" },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: { fails: FileFailed, says: /directory/i },
  },
  {
    name: "a fifo is there",
    given: { a: { fifo: true } },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: { fails: FileFailed },
  },
  {
    name: "the directory is a file",
    given: { a: "" },
    props: (root) => hasContent(`${root}/a/b`, "text"),
    outcome: { fails: FailedChange },
  },
  {
    name: "the directory is missing and a mode is given",
    props: (root) => hasContent(`${root}/a/b`, "text", { mode: 0o600 }),
    outcome: { fails: AbortedChange, says: /directoryExists/ },
  },
  {
    name: "there is no such user",
    given: { a: "old\n" },
    props: (root) => hasContent(`${root}/a`, "text", { user: "nobody-at-all" }),
    outcome: { fails: FileFailed },
  },
  {
    name: "another account's symlink is not followed",
    given: { a: { symlink: "b", user: "nobody" }, b: "old\n" },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: { fails: FileFailed, says: /symlink .* belongs to/ },
  },
  {
    name: "a directory on the way is another account's symlink",
    given: { a: { symlink: "b", user: "nobody" }, "b/c": "old\n" },
    props: (root) => hasContent(`${root}/a/c`, "text"),
    outcome: { fails: FileFailed, says: /symlink .* belongs to/ },
  },
  ...["a", "/a/../b", "/a\0b"].map((path) => ({
    name: `the path ${JSON.stringify(path)}`,
    props: () => hasContent(path, "text"),
    outcome: { fails: InvalidArgument, says: /path/ },
  })),
  ...[-1, 0o10000, 644, 755, 1.5].map((mode) => ({
    name: `the mode ${mode}`,
    props: () => hasContent("/a", "text", { mode }),
    outcome: { fails: InvalidArgument },
  })),
  {
    name: "a line with a newline",
    props: () => hasContent("/a", ["a\nb"]),
    outcome: { fails: InvalidArgument, says: /newline/ },
  },
  {
    name: "an option that there is not",
    props: () => hasContent("/a", "b", { modus: 0o644 } as object),
    outcome: { fails: InvalidArgument, says: /modus/ },
  },
  {
    name: "a file that may not be read",
    byAdmin: true,
    given: { a: { content: "text\n", mode: 0o600, user: "root" } },
    props: (root) => hasContent(`${root}/a`, "text"),
    outcome: { fails: FileFailed, says: /Permission denied/ },
  },
  {
    name: "a directory that may not be written",
    byAdmin: true,
    given: { a: { directory: true, user: "root" } },
    props: (root) => hasContent(`${root}/a/b`, "text"),
    outcome: { fails: FileFailed, says: /Permission denied/ },
  },
  {
    name: "an owner that only uid 0 can give",
    byAdmin: true,
    given: { a: "text\n" },
    props: (root) => hasContent(`${root}/a`, "text", { user: "root" }),
    outcome: { fails: FileFailed },
  },
]);
