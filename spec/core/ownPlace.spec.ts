/** Whether another account can change a part of a path: every way in which it could, and those that are none. */
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import {
  foreignAbove,
  foreignPart,
  makeOwnDirectory,
  ownHome,
  ownTemporaryDirectory,
} from "../../core/ownDirectories.js";
import { ownPlaces } from "../../core/ownPlace.js";

const other = 12345;

describe("a place that is ours", { skip: process.geteuid?.() !== 0 && "not uid 0" }, () => {
  /** A directory with directories `a/b/c`. */
  function tree(t: { after(end: () => void): void }): (...parts: string[]) => string {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "places-"));
    t.after(() => fs.rmSync(root, { recursive: true }));
    const at = (...parts: string[]) => path.join(root, ...parts);
    fs.mkdirSync(at("a/b/c"), { recursive: true });
    return at;
  }

  type Change = (part: string) => void;
  const changes: readonly (readonly [name: string, why: RegExp, change: Change])[] = [
    ["is another's", /belongs to uid 12345$/, (part) => fs.chownSync(part, other, other)],
    ["everybody can write", /can be written by everybody$/, (part) => fs.chmodSync(part, 0o757)],
    [
      "a group can write",
      /can be written by the group 12345$/,
      (part) => {
        fs.chownSync(part, 0, other);
        fs.chmodSync(part, 0o775);
      },
    ],
    ["uid 0's group can write", /by the group 0$/, (part) => fs.chmodSync(part, 0o775)],
    [
      "is another's link to what is ours",
      /belongs to uid 12345$/,
      (part) => {
        fs.renameSync(part, `${part}.real`);
        fs.symlinkSync(`${part}.real`, part);
        fs.lchownSync(part, other, other);
      },
    ],
    [
      "is a link by way of what is another's",
      /way belongs to uid 12345$/,
      (part) => {
        const way = path.join(path.dirname(part), "way");
        fs.renameSync(part, `${part}.real`);
        fs.mkdirSync(way);
        fs.symlinkSync(`${part}.real`, path.join(way, "link"));
        fs.symlinkSync("way/link", part);
        fs.chownSync(way, other, other);
      },
    ],
  ];

  for (const [name, why, change] of changes) {
    for (const part of ["a", "a/b", "a/b/c"]) {
      test(`is none where ${part} of a/b/c ${name}`, (t) => {
        const at = tree(t);
        assert.equal(foreignPart(at("a/b/c")), undefined);
        change(at(part));
        assert.match(foreignPart(at("a/b/c")) ?? "", why);
        assert.match(foreignAbove(at("a/b/c")) ?? "", why);
        assert.match(foreignPart(at("a/b/c/not/there")) ?? "", why);
        assert.throws(() => makeOwnDirectory(at("a/b/c/d")), why);
        assert.ok(!fs.existsSync(at("a/b/c/d")));
      });
    }
  }

  test("may be reached by our own links, and by dots", (t) => {
    const at = tree(t);
    fs.symlinkSync("b/../b/./c", at("a/link"));
    fs.symlinkSync(at("a/link"), at("absolute"));
    assert.equal(foreignPart(at("absolute")), undefined);
    fs.symlinkSync("circle", at("circle"));
    assert.match(foreignPart(at("circle")) ?? "", /too many links/);
    fs.chownSync(at("a/b"), other, other);
    assert.match(foreignPart(at("absolute")) ?? "", /a\/b belongs to uid 12345/);
  });

  test("can be made in a directory like /tmp, but is not waited for there", (t) => {
    const at = tree(t);
    fs.chmodSync(at("a"), 0o1777);
    assert.match(foreignPart(at("a")) ?? "", /can be written by everybody/);
    assert.equal(foreignAbove(at("a")), undefined);
    assert.equal(foreignPart(at("a/b")), undefined);
    assert.match(foreignPart(at("a/x")) ?? "", /a\/x is not there, and everybody can make it/);
    makeOwnDirectory(at("a/x/y"));
    assert.equal(fs.statSync(at("a/x/y")).mode & 0o7777, 0o700);
    fs.mkdirSync(at("a/theirs"));
    fs.chownSync(at("a/theirs"), other, other);
    assert.throws(() => makeOwnDirectory(at("a/theirs/y")), /theirs belongs to uid 12345/);
    assert.deepEqual(fs.readdirSync(at("a/theirs")), []);
  });

  test("may belong to who is trusted besides, whose own group may write it", (t) => {
    const at = tree(t);
    fs.chownSync(at("a"), other, other);
    assert.equal(ownPlaces(fs, [other]).foreignPart(at("a/b/c")), undefined);
    fs.chmodSync(at("a"), 0o775);
    const accounts = `root:x:0:0::/root:/bin/sh\nother:x:${other}:${other}::/:/bin/sh\n`;
    const groups: readonly (readonly [text: string, isPrivate: boolean])[] = [
      [`other:x:${other}:\n`, true],
      [`other:x:${other}:other\n`, true],
      [`other:x:${other}:other,alice\n`, false],
      ["root:x:0:\n", false],
    ];
    const asked = (passwd: string, group: string) => {
      const readFileSync = (file: string) => (file === "/etc/passwd" ? passwd : group);
      // The system's own files are not for specs to change.
      const files = { ...fs, readFileSync } as unknown as typeof fs;
      return ownPlaces(files, [other]).foreignPart(at("a/b/c")) === undefined;
    };
    for (const [group, isPrivate] of groups) assert.equal(asked(accounts, group), isPrivate, group);
    const [first = ""] = groups.map(([text]) => text);
    assert.ok(
      !asked(`${accounts}bob:x:12346:${other}::/:/bin/sh\n`, first),
      "bob is in it as well",
    );
    assert.ok(!asked("root:x:0:0::/root:/bin/sh\n", first));
  });

  test("is where homes and temporary directories are, whatever the environment says", (t) => {
    const at = tree(t);
    const { HOME, TMPDIR } = process.env;
    t.after(() => Object.assign(process.env, { HOME, TMPDIR }));
    process.env.HOME = at("a");
    process.env.TMPDIR = at("a");
    assert.equal(ownHome(), at("a"));
    const made = ownTemporaryDirectory("spec");
    assert.equal(path.dirname(made), at("a"));
    assert.equal(fs.statSync(made).mode & 0o7777, 0o700);
    fs.chownSync(at("a"), other, other);
    assert.equal(ownHome(), os.userInfo().homedir);
    const elsewhere = ownTemporaryDirectory("spec");
    fs.rmdirSync(elsewhere);
    assert.notEqual(path.dirname(elsewhere), at("a"));
  });

  test("has no temporary directories of processes that were killed a day ago", (t) => {
    const at = tree(t);
    const { TMPDIR } = process.env;
    t.after(() => Object.assign(process.env, { TMPDIR }));
    process.env.TMPDIR = at("a/b/c");
    const long = new Date(Date.now() - 25 * 60 * 60 * 1000);
    const names = [
      "spec-4194304-abcdef",
      "spec-4194305-abcdef",
      `spec-${process.pid}-abcdef`,
      "spec-x",
    ];
    for (const name of names) {
      fs.mkdirSync(at("a/b/c", name, "x"), { recursive: true });
      if (!name.startsWith("spec-4194305")) fs.utimesSync(at("a/b/c", name), long, long);
    }
    const made = path.basename(ownTemporaryDirectory("spec"));
    assert.deepEqual(fs.readdirSync(at("a/b/c")).sort(), [...names.slice(1), made].sort());
  });
});
