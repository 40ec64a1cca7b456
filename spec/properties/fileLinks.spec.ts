import { AbortedChange, FailedChange, FileFailed, InvalidArgument } from "../../engine/index.js";
import { isCopyOf, symlinked } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.symlinked", [
  ...["b", "-b", "/nowhere at all", "../it's", "$(b)", "a\nb", "\n", "żółć/", " "].map(
    (target) => ({
      name: `to ${JSON.stringify(target)}, in a directory that is missing`,
      props: (root: string) => symlinked(`${root}/-x y/$(a)`, target),
      outcome: "changed" as const,
      becomes: { "-x y/$(a)": { symlink: target } },
      unapplied: { "-x y": { directory: true } } as const,
    }),
  ),
  {
    name: "another symlink is replaced",
    given: { a: { symlink: "b" }, "b/c": "x" },
    props: (root) => symlinked(`${root}/a`, "d"),
    outcome: "changed",
    becomes: { a: { symlink: "d" }, "b/c": "x" },
    unapplied: { "b/c": "x" },
  },
  {
    name: "it is there",
    given: { a: { symlink: "b" } },
    props: (root) => symlinked(`${root}/a`, "b"),
    outcome: "unchanged",
    unapplied: {},
  },
  {
    name: "a file is not replaced",
    given: { a: "x" },
    props: (root) => symlinked(`${root}/a`, "b"),
    outcome: { fails: AbortedChange, says: /is a file/ },
  },
  {
    name: "a directory is not replaced",
    given: { a: { directory: true } },
    props: (root) => symlinked(`${root}/a`, "b"),
    outcome: { fails: AbortedChange, says: /is a directory/ },
  },
  {
    name: "a file above it",
    given: { a: "x" },
    props: (root) => symlinked(`${root}/a/b`, "c"),
    outcome: { fails: FailedChange },
  },
  ...["", "a\0b"].map((target) => ({
    name: `to ${JSON.stringify(target)}`,
    props: () => symlinked("/a", target),
    outcome: { fails: InvalidArgument },
  })),
]);

const large = Buffer.alloc(300_000, "\0\xff binary \n", "latin1");

runCases("file.isCopyOf", [
  {
    name: "a new file, with mode and owner, in a directory that is missing",
    given: { "-s $(x)": { content: large, mode: 0o4711, user: "nobody" } },
    props: (root) => isCopyOf(`${root}/it's/-a`, `${root}/-s $(x)`),
    outcome: "changed",
    becomes: {
      "-s $(x)": { content: large, mode: 0o4711, user: "nobody" },
      "it's/-a": { content: large, mode: 0o4711, user: "nobody" },
    },
    unapplied: {
      "-s $(x)": { content: large, mode: 0o4711, user: "nobody" },
      "it's": { directory: true },
    },
  },
  {
    name: "other content",
    given: { a: "old\n", b: "new\n" },
    props: (root) => isCopyOf(`${root}/a`, `${root}/b`),
    outcome: "changed",
    becomes: { a: "new\n", b: "new\n" },
    unapplied: { b: "new\n" },
  },
  {
    name: "the same content with another mode",
    given: { a: { content: "x", mode: 0o600 }, b: "x" },
    props: (root) => isCopyOf(`${root}/a`, `${root}/b`),
    outcome: "unchanged",
    unapplied: { b: "x" },
  },
  {
    name: "a symlink is replaced, what it leads to stays",
    given: { a: { symlink: "c" }, b: "new\n", c: "new\n" },
    props: (root) => isCopyOf(`${root}/a`, `${root}/b`),
    outcome: "changed",
    becomes: { a: "new\n", b: "new\n", c: "new\n" },
    unapplied: { b: "new\n", c: "new\n" },
  },
  {
    name: "the other is a symlink",
    given: { b: { symlink: "c" }, c: "x" },
    props: (root) => isCopyOf(`${root}/a`, `${root}/b`),
    outcome: "changed",
    becomes: { a: "x", b: { symlink: "c" }, c: "x" },
    unapplied: "restored",
  },
  {
    name: "there is no other",
    given: { a: "x" },
    props: (root) => isCopyOf(`${root}/a`, `${root}/b`),
    outcome: { fails: FileFailed, says: /No such file/ },
  },
  {
    name: "a directory is there",
    given: { "a/c": "", b: "x" },
    props: (root) => isCopyOf(`${root}/a`, `${root}/b`),
    outcome: { fails: AbortedChange, says: /directory/ },
  },
]);
