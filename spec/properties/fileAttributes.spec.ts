import { AbortedChange, FileFailed, InvalidArgument } from "../../engine/index.js";
import { hasMode, hasOwnership } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("file.hasMode", [
  {
    name: "another mode",
    given: { "-a $(b)": "x" },
    props: (root) => hasMode(`${root}/-a $(b)`, 0o600),
    outcome: "changed",
    becomes: { "-a $(b)": { content: "x", mode: 0o600 } },
  },
  {
    name: "that mode",
    given: { a: { content: "x", mode: 0o4711 } },
    props: (root) => hasMode(`${root}/a`, 0o4711),
    outcome: "unchanged",
  },
  ...[0, 0o1777, 0o2755, 0o4700, 0o7777].map((mode) => ({
    name: `a directory with mode ${mode.toString(8)}`,
    given: { a: { directory: true } } as const,
    props: (root: string) => hasMode(`${root}/a`, mode),
    outcome: "changed" as const,
    becomes: { a: { directory: true, mode } } as const,
  })),
  {
    name: "set-id bits of a directory go too",
    given: { a: { directory: true, mode: 0o6755 } },
    props: (root) => hasMode(`${root}/a`, 0o755),
    outcome: "changed",
    becomes: { a: { directory: true, mode: 0o755 } },
  },
  {
    name: "nothing is there",
    props: (root) => hasMode(`${root}/a`, 0o644),
    outcome: { fails: AbortedChange, says: /nothing is at/ },
  },
  {
    name: "a symlink",
    given: { a: { symlink: "b" }, b: "x" },
    props: (root) => hasMode(`${root}/a`, 0o600),
    outcome: { fails: AbortedChange, says: /symlink/ },
  },
  {
    name: "a decimal mode",
    props: () => hasMode("/a", 755),
    outcome: { fails: InvalidArgument, says: /write 0o755/ },
  },
]);

runCases("file.hasOwnership", [
  {
    name: "user and group by name",
    given: { "it's": "x" },
    props: (root) => hasOwnership(`${root}/it's`, { user: "nobody", group: "daemon" }),
    outcome: "changed",
    becomes: { "it's": { content: "x", user: "nobody", group: "daemon" } },
  },
  {
    name: "a group alone",
    given: { a: { content: "x", user: "nobody" } },
    props: (root) => hasOwnership(`${root}/a`, { group: "daemon" }),
    outcome: "changed",
    becomes: { a: { content: "x", user: "nobody", group: "daemon" } },
  },
  {
    name: "numbers that have names",
    given: { a: { content: "x", user: 65534, group: 1 } },
    props: (root) => hasOwnership(`${root}/a`, { user: "nobody", group: 1 }),
    outcome: "unchanged",
  },
  {
    name: "numbers that have no names",
    given: { a: "x" },
    props: (root) => hasOwnership(`${root}/a`, { user: 54321, group: 54322 }),
    outcome: "changed",
    becomes: { a: { content: "x", user: 54321, group: 54322 } },
  },
  {
    name: "a symlink itself",
    given: { a: { symlink: "b" }, b: "x" },
    props: (root) => hasOwnership(`${root}/a`, { user: "nobody" }),
    outcome: "changed",
    becomes: { a: { symlink: "b", user: "nobody" }, b: "x" },
  },
  {
    name: "a file that ran as its owner does not run as its new one",
    given: { a: { content: "x", mode: 0o4755, user: "nobody" } },
    props: (root) => hasOwnership(`${root}/a`, { user: "root" }),
    outcome: "changed",
    becomes: { a: { content: "x", mode: 0o755 } },
  },
  {
    name: "nothing is there",
    props: (root) => hasOwnership(`${root}/a`, { user: "root" }),
    outcome: { fails: AbortedChange },
  },
  {
    name: "no such user",
    given: { a: "x" },
    props: (root) => hasOwnership(`${root}/a`, { user: "nobody-at-all" }),
    outcome: { fails: FileFailed, says: /nobody-at-all/ },
  },
  {
    name: "not uid 0",
    byAdmin: true,
    given: { a: "x" },
    props: (root) => hasOwnership(`${root}/a`, { user: "root" }),
    outcome: { fails: FileFailed, says: /not permitted/ },
  },
  ...[{}, { user: "-R" }, { user: "a:b" }, { group: "a b" }, { user: "" }].map((owner) => ({
    name: `the owner ${JSON.stringify(owner)}`,
    props: () => hasOwnership("/a", owner),
    outcome: { fails: InvalidArgument },
  })),
]);
