import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidArgument } from "../../../engine/index.js";
import * as apt from "../../../properties/apt/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { countApt, has, said } from "./packages.js";

test("a package's name is none that apt could take for something else", () => {
  for (const name of ["-y", "", "foo-", "foo*", "foo=1", "foo/sid", "a b", "^x", "Foo", "x\n"]) {
    assert.throws(() => apt.installed(name), InvalidArgument, JSON.stringify(name));
  }
  assert.throws(() => apt.hasVersion("foo", "-1"), InvalidArgument);
  assert.throws(() => apt.hasVersion("foo", "1 2"), InvalidArgument);
  apt.installed("g++", "libc6:i386", "libstdc++6", "0ad");
});

const installing: PropertyCase[] = [
  {
    name: "packages are installed; unapplied they are removed",
    system: true,
    said,
    props: () => apt.installed("greeter", "mail-by-post"),
    outcome: "changed",
    verify: has(
      "greeter 1.0 installed\nhello-consfig 2.0 installed\nmail-by-post 1.0 installed",
      "greeter",
      "hello-consfig",
      "mail-by-post",
    ),
    unapplied: {},
    verifyUnapplied: has("hello-consfig 2.0 installed", "greeter", "hello-consfig", "mail-by-post"),
  },
  {
    name: "when all is installed, apt is not called",
    system: true,
    said,
    prepare: async (place) => {
      await place.shell("apt-get -qq install greeter");
      await countApt(place);
    },
    props: () => apt.installed("greeter"),
    outcome: "unchanged",
    verify: async (place) => void (await place.shell("! test -e /run/apt-calls")),
  },
  {
    name: "only what is missing is installed, and nothing upgraded",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install hello-consfig=1.0"),
    props: () => apt.installed("hello-consfig", "mail-by-post"),
    outcome: "changed",
    verify: has(
      "hello-consfig 1.0 installed\nmail-by-post 1.0 installed",
      "hello-consfig",
      "mail-by-post",
    ),
    unapplied: {},
    verifyUnapplied: has("", "hello-consfig", "mail-by-post"),
  },
  {
    name: "of several packages those that are there are removed when unapplied",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install hello-consfig"),
    props: () => apt.installed("hello-consfig"),
    outcome: "unchanged",
    unapplied: {},
    verifyUnapplied: has("", "hello-consfig"),
  },
  {
    name: "what came for another's sake is kept for its own, without apt-get",
    system: true,
    said,
    prepare: async (place) => {
      await place.shell("apt-get -qq install greeter");
      await countApt(place);
    },
    props: () => apt.installed("hello-consfig"),
    outcome: "changed",
    verify: async (place) => {
      assert.match(await place.shell("apt-mark showmanual"), /^hello-consfig$/m);
      await place.shell("! test -e /run/apt-calls");
    },
  },
  {
    name: "a virtual package is installed when one that provides it is",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install mail-by-post"),
    props: () => apt.installed("consfig-mail-agent"),
    outcome: "unchanged",
  },
  {
    name: "for a virtual package the one that provides it is installed",
    system: true,
    said,
    props: () => apt.installed("consfig-mail-agent"),
    outcome: "changed",
    verify: has("mail-by-post 1.0 installed", "mail-by-post"),
  },
  {
    name: "a package with the host's architecture in its name",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install greeter"),
    props: () =>
      apt.installed(`libc6:${process.arch === "x64" ? "amd64" : "arm64"}`, "greeter:all"),
    outcome: "unchanged",
  },
  {
    name: "a package that only left its configuration is no installed one",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install webby && apt-get -qq remove webby"),
    props: () => apt.installed("webby"),
    outcome: "changed",
    verify: has("webby 1.0 installed", "webby"),
  },
  {
    name: "a configuration file that was edited stays as it is, and nothing is asked",
    system: true,
    said,
    given: { "etc/webby.conf": "PORT=8099\n" },
    props: () => apt.installed("webby"),
    outcome: "changed",
    verify: async (place) => assert.equal(await place.shell("cat /etc/webby.conf"), "PORT=8099\n"),
  },
  {
    name: "a question of a package is not asked",
    system: true,
    said,
    props: () => apt.installed("askme"),
    outcome: "changed",
    verify: async (place) =>
      assert.equal(await place.shell("cat /etc/askme.conf"), "colour=grey\n"),
  },
  {
    name: "stale lists are updated, once",
    system: true,
    said,
    prepare: (place) => place.shell("rm -rf /var/lib/apt/lists/*_*"),
    props: () => apt.installed("greeter"),
    outcome: "changed",
    verify: has("greeter 1.0 installed", "greeter"),
  },
  {
    name: "what a package recommends is left out",
    system: true,
    said,
    props: () => apt.installedMinimally("greeter"),
    outcome: "changed",
    verify: has("greeter 1.0 installed", "greeter"),
    unapplied: {},
    verifyUnapplied: has("", "greeter"),
  },
  {
    name: "another program at work with apt is waited for",
    system: true,
    said,
    prepare: (place) =>
      place.shell(`setsid sh -c 'exec 9>/var/lib/dpkg/lock-frontend
perl -e "use Fcntl; open(F, q(>), q(/var/lib/dpkg/lock-frontend)); fcntl(F, F_SETLK, pack(q(s s l! l! i), F_WRLCK, 0, 0, 0, 0)) or die; sleep 3"' >/dev/null 2>&1 &
sleep 0.5`),
    props: () => apt.installed("greeter"),
    outcome: "changed",
    verify: has("greeter 1.0 installed", "greeter"),
  },
];

runCases("apt", installing, [placeOf("plain")]);
