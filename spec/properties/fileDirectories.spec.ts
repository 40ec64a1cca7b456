import { AbortedChange, FileFailed, InvalidArgument } from "../../engine/index.js";
import { containingDirectoryExists, directoryExists } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.directoryExists", [
  {
    name: "a new directory",
    props: (root) => directoryExists(`${root}/-a $(b)`),
    outcome: "changed",
    becomes: { "-a $(b)": { directory: true } },
    unapplied: "restored",
  },
  {
    name: "with those above it, which stay",
    props: (root) => directoryExists(`${root}/it's/"b"/c\nd/`),
    outcome: "changed",
    becomes: { 'it\'s/"b"/c\nd': { directory: true } },
    unapplied: { 'it\'s/"b"': { directory: true } },
  },
  {
    name: "with mode and owner, and those above it with the usual ones",
    props: (root) => directoryExists(`${root}/a/b`, { mode: 0o2750, user: "nobody", group: 1 }),
    outcome: "changed",
    becomes: { "a/b": { directory: true, mode: 0o2750, user: "nobody", group: 1 } },
    unapplied: { a: { directory: true } },
  },
  {
    name: "another mode and owner",
    given: { "a/b": "x", a: { directory: true, mode: 0o7777, user: "nobody" } },
    props: (root) => directoryExists(`${root}/a`, { mode: 0o700, user: "root" }),
    outcome: "changed",
    becomes: { "a/b": "x", a: { directory: true, mode: 0o700 } },
  },
  {
    name: "it is there, and something is in it, so that it stays",
    given: { "a/.b": "x", a: { directory: true, mode: 0o1777 } },
    props: (root) => directoryExists(`${root}/a`),
    outcome: "unchanged",
    unapplied: "unchanged",
  },
  {
    name: "a symlink to a directory",
    given: { a: { symlink: "b" }, b: { directory: true, mode: 0o700 } },
    props: (root) => directoryExists(`${root}/a/`, { mode: 0o700 }),
    outcome: "unchanged",
    unapplied: "unchanged",
  },
  {
    name: "a symlink to a directory with another mode",
    given: { a: { symlink: "b" }, b: { directory: true } },
    props: (root) => directoryExists(`${root}/a`, { mode: 0o700 }),
    outcome: { fails: AbortedChange, says: /symlink/ },
  },
  {
    name: "a dangling symlink",
    given: { a: { symlink: "b" } },
    props: (root) => directoryExists(`${root}/a`),
    outcome: { fails: AbortedChange, says: /symlink/ },
  },
  {
    name: "a file",
    given: { a: "x" },
    props: (root) => directoryExists(`${root}/a`),
    outcome: { fails: AbortedChange, says: /is a file/ },
  },
  {
    name: "a file above it",
    given: { a: "x" },
    props: (root) => directoryExists(`${root}/a/b`),
    outcome: { fails: FileFailed, says: /Not a directory/ },
  },
  {
    name: "the root directory",
    props: () => directoryExists("/"),
    outcome: { fails: InvalidArgument },
  },
]);

runCases("file.containingDirectoryExists", [
  {
    name: "a new directory",
    props: (root) => containingDirectoryExists(`${root}/a b/c`),
    outcome: "changed",
    becomes: { "a b": { directory: true } },
    unapplied: "restored",
  },
  {
    name: "it is there",
    given: { "a/b": "" },
    props: (root) => containingDirectoryExists(`${root}/a/b`),
    outcome: "unchanged",
    unapplied: "unchanged",
  },
]);
