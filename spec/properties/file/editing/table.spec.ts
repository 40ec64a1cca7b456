import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AbortedChange, isError } from "../../../../engine/base/errors.js";
import {
  crypttab,
  fstab,
  setTableEntries,
  unsetTableEntries,
} from "../../../../properties/file/editing/table.js";
import { file, runCases } from "./cases.js";

type Row = readonly [
  it: string,
  before: string | undefined,
  entries: readonly string[],
  after: string,
];

function run(title: string, shape: typeof fstab, rows: readonly Row[]): void {
  const cases = rows.map(([name, before, call, after]) => ({ it: name, before, call, after }));
  runCases(
    title,
    (text, entries: readonly string[]) => setTableEntries(text, shape, entries),
    cases,
  );
}

run("fstab", fstab, [
  [
    "sources kept, a child added",
    "# c|UUID=1 / ext4 defaults 0 1|/dev/x /boot vfat rw 0 2",
    ["none / ext4 relatime 0 1", "PLACEHOLDER /boot vfat ro 0 2", "/dev/y /boot/efi vfat rw 0 2"],
    "# c|UUID=1 / ext4 relatime 0 1|/dev/x /boot vfat ro 0 2|/dev/y /boot/efi vfat rw 0 2",
  ],
  // All swap space has the same target: it must not replace each other.
  [
    "swap added to swap",
    "UUID=1 none swap sw 0 0",
    ["/swap none swap sw 0 0"],
    "UUID=1 none swap sw 0 0|/swap none swap sw 0 0",
  ],
  [
    "swap added, other words",
    "UUID=1 none swap sw 0 0",
    ["/swap swap swap defaults 0 0"],
    "UUID=1 none swap sw 0 0|/swap swap swap defaults 0 0",
  ],
  [
    "swap changed",
    "/swap none swap sw 0 0",
    ["/swap none swap pri=1 0 0"],
    "/swap none swap pri=1 0 0",
  ],
  ["no file", undefined, ["/dev/x / ext4 rw 0 1"], "/dev/x / ext4 rw 0 1"],
  ["no entries", "# x|a b", [], "# x|a b"],
  [
    "right, whatever the gaps",
    " /dev/x\t/  ext4 rw\t0 1 ",
    ["/dev/x / ext4 rw 0 1"],
    " /dev/x\t/  ext4 rw\t0 1 ",
  ],
  [
    "changed with its own gaps",
    "/dev/x\t/a  ext4 rw",
    ["/dev/x /a ext4 ro 0 2"],
    "/dev/x\t/a  ext4 ro 0 2",
  ],
  ["indented", "  /dev/x /a ext4 rw", ["/dev/y /a ext4 rw"], "  /dev/y /a ext4 rw"],
  ["source replaced", "UUID=1 /a ext4 rw 0 2", ["UUID=2 /a ext4 rw 0 2"], "UUID=2 /a ext4 rw 0 2"],
  ["source none stays none", "none /tmp tmpfs rw", ["none /tmp tmpfs ro"], "none /tmp tmpfs ro"],
  ["new line without a source", "", ["none /tmp tmpfs rw 0 0"], "none /tmp tmpfs rw 0 0"],
  [
    "a slash at the end is the same target",
    "/dev/x /a/ ext4 rw",
    ["/dev/x /a ext4 rw"],
    "/dev/x /a ext4 rw",
  ],
  [
    "comments are no lines",
    "#/dev/x /a ext4 rw",
    ["/dev/x /a ext4 rw"],
    "#/dev/x /a ext4 rw|/dev/x /a ext4 rw",
  ],
  [
    "only the first of several on one target",
    "a /m x rw|b /m x rw",
    ["c /m x rw"],
    "c /m x rw|b /m x rw",
  ],
  ["short lines are passed over", "alone||x", ["/dev/x /a ext4"], "alone||x|/dev/x /a ext4"],
  ["given twice: the last", "", ["/dev/x /a ext4", "/dev/y /a ext4"], "/dev/y /a ext4"],
  ["new parent above its child", "a /x/y e|b /z e", ["c /x e"], "c /x e|a /x/y e|b /z e"],
  [
    "and above that child's comments",
    "z /z e||# y is|# here|a /x/y e",
    ["c /x e"],
    "z /z e||c /x e|# y is|# here|a /x/y e",
  ],
  ["new parent of a source", "/x/file none swap sw", ["c /x e"], "c /x e|/x/file none swap sw"],
  ["new target that is a source", "/x /y none bind", ["c /x e"], "c /x e|/x /y none bind"],
  ["new lines among themselves", "", ["a /x/y e", "b /x e", "c / e"], "c / e|b /x e|a /x/y e"],
  ["old lines do not move", "a /x/y e|b /x e", ["a /x/y f"], "a /x/y f|b /x e"],
  ["names that begin alike are no children", "a /xy e", ["b /x e"], "a /xy e|b /x e"],
  [
    "swap has no children",
    "none /proc proc rw",
    ["/swap none swap sw"],
    "none /proc proc rw|/swap none swap sw",
  ],
]);

run("crypttab", crypttab, [
  [
    "keyed by the first field",
    "a UUID=1 none luks|swap /dev/x /dev/urandom swap",
    ["swap /dev/y /dev/urandom swap", "b UUID=2 none luks"],
    "a UUID=1 none luks|swap /dev/y /dev/urandom swap|b UUID=2 none luks",
  ],
  ["source kept", "a UUID=1 none luks", ["a none none luks,discard"], "a UUID=1 none luks,discard"],
]);

describe("tables", () => {
  it("keep CRLF and a missing final newline", () => {
    assert.equal(setTableEntries("a /x e\r\nb /y e", fstab, ["a /x e"]), "a /x e\r\nb /y e");
    assert.equal(setTableEntries("a /x e\r\nb /y e", fstab, ["a /x f"]), "a /x f\r\nb /y e\r\n");
  });

  it("refuse a new line that has no source", () => {
    const add = () => setTableEntries("", fstab, ["PLACEHOLDER /x ext4 rw 0 2"]);
    assert.throws(add, (error) => isError(error, AbortedChange));
  });

  it("lose entries by their key", () => {
    const before = file("# a|UUID=1 /a ext4 rw|UUID=2 none swap sw|UUID=3 none swap sw");
    const after = file("# a|UUID=2 none swap sw");
    assert.equal(unsetTableEntries(before, fstab, ["x /a/ y", "UUID=3 none swap sw"]), after);
    assert.equal(unsetTableEntries(before, fstab, ["UUID=1 /b ext4 rw"]), before);
    assert.equal(unsetTableEntries(undefined, fstab, ["x /a y"]), undefined);
  });

  it("get back what they were when a new entry goes", () => {
    const before = file("z /z e||# y|a /x/y e|/swap none swap sw");
    const entries = ["c /x e", "d / e", "UUID=1 none swap sw"];
    assert.equal(
      unsetTableEntries(setTableEntries(before, fstab, entries), fstab, entries),
      before,
    );
  });
});
