import { AbortedChange, InvalidArgument } from "../../engine/index.js";
import {
  directoryDoesNotExist,
  doesNotExist,
  emptyDirectoryDoesNotExist,
} from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.doesNotExist", [
  {
    name: "files with names of all sorts",
    given: { "-rf": "", "a b": "", "it's": "", "$(id)": "", "x\ny": "", "*": "", ab: "" },
    props: (root) =>
      doesNotExist(
        ...["-rf", "a b", "it's", "$(id)", "x\ny", "*"].map((name) => `${root}/${name}`),
      ),
    outcome: "changed",
    becomes: { ab: "" },
  },
  {
    name: "one of several is there, and only as a dangling symlink",
    given: { b: { symlink: "nowhere" } },
    props: (root) => doesNotExist(`${root}/a`, `${root}/b`),
    outcome: "changed",
    becomes: {},
  },
  {
    name: "a symlink goes, what it leads to stays",
    given: { a: { symlink: "b" }, "b/c": "x" },
    props: (root) => doesNotExist(`${root}/a/`),
    outcome: "changed",
    becomes: { "b/c": "x" },
  },
  {
    name: "a fifo",
    given: { a: { fifo: true } },
    props: (root) => doesNotExist(`${root}/a`),
    outcome: "changed",
    becomes: {},
  },
  {
    name: "none is there, nor its directory",
    given: { c: "" },
    props: (root) => doesNotExist(`${root}/a/b`, `${root}/c/d`),
    outcome: "unchanged",
  },
  {
    name: "a directory is there, and nothing goes",
    given: { a: "x", "b/c": "x" },
    props: (root) => doesNotExist(`${root}/a`, `${root}/b`),
    outcome: { fails: AbortedChange, says: /directoryDoesNotExist/ },
  },
  {
    name: "no path",
    props: () => doesNotExist(),
    outcome: { fails: InvalidArgument },
  },
]);

runCases("file.directoryDoesNotExist", [
  {
    name: "one of several is there, with all that is in it",
    given: { "-a b/c/d": "x", "-a b/l": { symlink: "../keep" }, "keep/e": "x" },
    props: (root) => directoryDoesNotExist(`${root}/x`, `${root}/-a b`),
    outcome: "changed",
    becomes: { "keep/e": "x" },
  },
  {
    name: "none is there",
    props: (root) => directoryDoesNotExist(`${root}/a`),
    outcome: "unchanged",
  },
  {
    name: "a symlink to a directory stays, and so does that",
    given: { a: { symlink: "b" }, "b/c": "x" },
    props: (root) => directoryDoesNotExist(`${root}/a/`),
    outcome: { fails: AbortedChange, says: /no directory/ },
  },
  {
    name: "a file stays",
    given: { a: "x", "b/c": "x" },
    props: (root) => directoryDoesNotExist(`${root}/b`, `${root}/a`),
    outcome: { fails: AbortedChange, says: /no directory/ },
  },
  ...["/", "//", "/.", "/a/..", "/usr/../", "", "."].map((path) => ({
    name: `the path ${JSON.stringify(path)}`,
    props: () => directoryDoesNotExist(path),
    outcome: { fails: InvalidArgument },
  })),
]);

runCases("file.emptyDirectoryDoesNotExist", [
  {
    name: "the empty ones go",
    given: {
      "-a b": { directory: true },
      "c/.hidden": "",
      "d\ne": { directory: true },
      f: { symlink: "g" },
      g: { directory: true },
      h: "",
    },
    props: (root) =>
      emptyDirectoryDoesNotExist(
        ...["none", "-a b", "c", "d\ne", "f", "h"].map((name) => `${root}/${name}`),
      ),
    outcome: "changed",
    becomes: { "c/.hidden": "", f: { symlink: "g" }, g: { directory: true }, h: "" },
  },
  {
    name: "none is empty",
    given: { "a/b": "" },
    props: (root) => emptyDirectoryDoesNotExist(`${root}/a`, `${root}/b`),
    outcome: "unchanged",
  },
]);
