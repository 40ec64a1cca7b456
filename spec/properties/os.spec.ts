import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  host,
  InapplicableProperty,
  InvalidArgument,
  isError,
  type Propspec,
  posixProperty,
  prepareHost,
  type Requirement,
} from "../../engine/index.js";
import { Hostattrs } from "../../engine/model/hostattrs.js";
import * as os from "../../properties/os/index.js";

const needsDebian = posixProperty<[]>("spec.needsDebian", {
  args: z.tuple([]),
  hostattrs: (attrs) => attrs.require(os.debianlike),
  apply: async () => "unchanged",
});

/** What is said of a host with the properties. */
function attrsOf(...props: readonly Propspec[]): Hostattrs {
  return new Hostattrs(prepareHost(host("os.example", ...props)).hostattrs);
}

const everyOs: readonly [app: Propspec, os: os.Os, of: readonly Requirement[]][] = [
  [os.linux(), { class: "linux" }, [os.unixlike, os.linuxlike]],
  [os.linux("arm64"), { class: "linux", architecture: "arm64" }, [os.linuxlike]],
  [
    os.debianStable("bookworm", "amd64"),
    { class: "debianStable", suite: "bookworm", architecture: "amd64" },
    [os.debianlike, os.debian, os.a("debianStable"), os.linuxlike, os.unixlike],
  ],
  [
    os.debianTesting("amd64"),
    { class: "debianTesting", suite: "testing", architecture: "amd64" },
    [os.debian],
  ],
  [
    os.debianUnstable("i386"),
    { class: "debianUnstable", suite: "unstable", architecture: "i386" },
    [os.debian],
  ],
  [
    os.ubuntu("noble", "amd64"),
    { class: "ubuntu", suite: "noble", architecture: "amd64" },
    [os.debianlike, os.a("ubuntu")],
  ],
  [
    os.fedora("41", "amd64"),
    { class: "fedora", suite: "41", architecture: "amd64" },
    [os.redHatLike, os.linuxlike],
  ],
  [
    os.enterpriseLinux("9", "amd64"),
    { class: "redHatLike", suite: "9", architecture: "amd64" },
    [os.redHatLike],
  ],
  [os.suse("15.6", "amd64"), { class: "suse", suite: "15.6", architecture: "amd64" }, []],
  [os.arch("amd64"), { class: "arch", architecture: "amd64" }, [os.linuxlike]],
  [os.alpine("3.20", "amd64"), { class: "alpine", suite: "3.20", architecture: "amd64" }, []],
  [
    os.freebsd("14.2", "amd64"),
    { class: "freebsd", suite: "14.2", architecture: "amd64" },
    [os.unixlike],
  ],
];

for (const [app, value, requirements] of everyOs) {
  test(`says ${JSON.stringify(value)}`, () => {
    const attrs = attrsOf(app);
    assert.deepEqual(os.osOf(attrs), value);
    for (const one of requirements) assert.ok(attrs.satisfies(one), one.requirement);
  });
}

test("what a host is not", () => {
  const ubuntu = attrsOf(os.ubuntu("noble", "amd64"));
  assert.equal(ubuntu.satisfies(os.debian), false);
  assert.equal(ubuntu.satisfies(os.redHatLike), false);
  assert.equal(attrsOf(os.linux()).satisfies(os.debianlike), false);
  assert.equal(attrsOf(os.freebsd("14.2", "amd64")).satisfies(os.linuxlike), false);
  assert.equal(attrsOf().satisfies(os.unixlike), false);
});

test("the last one said counts", () => {
  const attrs = attrsOf(os.debianTesting("amd64"), os.debianUnstable("amd64"));
  assert.equal(os.osOf(attrs)?.class, "debianUnstable");
});

test("a host of another class is refused before any contact", () => {
  const refused = (...props: readonly Propspec[]) =>
    assert.throws(
      () => attrsOf(...props, needsDebian()),
      (error) => isError(error, InapplicableProperty) && /debianlike/.test(error.message),
    );
  refused();
  refused(os.linux());
  attrsOf(os.ubuntu("noble", "amd64"), needsDebian());
});

test("names that are none", () => {
  for (const name of ["", "book worm", "../x", "-a", "a;b"]) {
    assert.throws(
      () => os.debianStable(name, "amd64"),
      (error) => isError(error, InvalidArgument),
    );
    assert.throws(
      () => os.debianTesting(name),
      (error) => isError(error, InvalidArgument),
    );
  }
});

test("which programs run", () => {
  assert.ok(os.supportsArch("amd64", "amd64"));
  assert.ok(os.supportsArch("amd64", "i386"));
  assert.ok(!os.supportsArch("i386", "amd64"));
  assert.ok(!os.supportsArch("amd64", "arm64"));
});
