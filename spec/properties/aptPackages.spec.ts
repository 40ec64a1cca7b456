import assert from "node:assert/strict";
import { test } from "node:test";
import { FailedChange, InapplicableProperty, InvalidArgument } from "../../engine/index.js";
import * as apt from "../../properties/apt.js";
import * as os from "../../properties/os.js";
import { type Place, placeOf } from "../helpers/places.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";

const said = [os.debianStable("bookworm", "amd64")];

/** `name version status` of the packages, by dpkg's own word. */
async function status(place: Place, ...names: string[]): Promise<string> {
  const format = ["Package", "Version", "db:Status-Status"].map((field) => `\${${field}}`);
  return place.shell(
    `dpkg-query -W -f '${format.join(" ")}\\n' ${names.join(" ")} 2>/dev/null || :`,
  );
}

const has =
  (expected: string, ...names: string[]) =>
  async (place: Place) =>
    assert.equal((await status(place, ...names)).trim(), expected);

/** A log of how often apt-get was called, whoever called it. */
const countApt = (place: Place) =>
  place.shell(`cat >/usr/local/sbin/apt-get <<'END'
#!/bin/sh
echo "$@" >>/run/apt-calls
exec /usr/bin/apt-get "$@"
END
chmod 755 /usr/local/sbin/apt-get`);

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
  {
    name: "a package nobody knows is a failure that says so",
    system: true,
    said,
    props: () => apt.installed("greeter", "nosuch-package"),
    outcome: {
      fails: FailedChange,
      says: /apt knows no package nosuch-package.*additionalSource/s,
    },
    verify: has("", "greeter"),
  },
  {
    name: "a package that cannot be set up is a failure with its own words",
    system: true,
    said,
    props: () => apt.installed("broken-postinst"),
    outcome: { fails: FailedChange, says: /dpkg failed.*broken-postinst: cannot be configured/s },
  },
  {
    name: "a host of which it is not said that it has Debian is refused",
    system: true,
    props: () => apt.installed("greeter"),
    outcome: { fails: InapplicableProperty },
  },
];

const versions: PropertyCase[] = [
  {
    name: "a package has a version, older or newer",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install hello-consfig"),
    props: () => apt.hasVersion("hello-consfig", "1.0"),
    outcome: "changed",
    verify: has("hello-consfig 1.0 installed", "hello-consfig"),
    unapplied: {},
    verifyUnapplied: has("", "hello-consfig"),
  },
  {
    name: "a version that is nowhere to be had is a failure that says so",
    system: true,
    said,
    props: () => apt.hasVersion("hello-consfig", "3.0"),
    outcome: { fails: FailedChange, says: /no source has version 3\.0.*apt-cache policy/s },
  },
  {
    name: "a held package is not upgraded, until unapplied",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install hello-consfig=1.0"),
    props: () => apt.held("hello-consfig"),
    outcome: "changed",
    verify: async (place) => {
      await place.shell("apt-get -qq -y dist-upgrade");
      await has("hello-consfig 1.0 installed", "hello-consfig")(place);
    },
    unapplied: {},
    verifyUnapplied: async (place) => {
      await place.shell("apt-get -qq -y dist-upgrade");
      await has("hello-consfig 2.0 installed", "hello-consfig")(place);
    },
  },
  {
    name: "a package comes from backports, even if it is installed",
    system: true,
    said,
    prepare: (place) =>
      place.shell(`set -e; apt-get -qq install hello-consfig; mkdir -p /opt/bpo /tmp/b/DEBIAN; cd /tmp/b
printf 'Package: hello-consfig\\nVersion: 3.0~bpo12+1\\nArchitecture: all\\nMaintainer: x <x@localhost>\\nDescription: x\\n' >DEBIAN/control
dpkg-deb --build . /opt/bpo/h.deb >/dev/null; cd /opt/bpo
{ dpkg-deb --field h.deb; echo "Filename: ./h.deb"; echo "Size: $(stat -c %s h.deb)"; echo "SHA256: $(sha256sum <h.deb | cut -d' ' -f1)"; } >Packages
printf 'Suite: bookworm-backports\\nCodename: bookworm-backports\\nNotAutomatic: yes\\nButAutomaticUpgrades: yes\\nSHA256:\\n %s %s Packages\\n' "$(sha256sum <Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" >Release
echo 'deb [trusted=yes] file:/opt/bpo ./' >/etc/apt/sources.list.d/bpo.list; apt-get -qq update`),
    props: () => apt.installedFromBackports("hello-consfig"),
    outcome: "changed",
    verify: has("hello-consfig 3.0~bpo12+1 installed", "hello-consfig"),
  },
];

const removing: PropertyCase[] = [
  {
    name: "packages are removed, and their configuration stays",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install webby hello-consfig"),
    props: () => apt.removed("webby", "hello-consfig", "nosuch-package"),
    outcome: "changed",
    verify: has("webby 1.0 config-files", "webby", "hello-consfig"),
  },
  {
    name: "packages are purged, be they installed or not",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install webby && apt-get -qq remove webby"),
    props: () => apt.purged("webby", "hello-consfig", "nosuch-package"),
    outcome: "changed",
    verify: has("", "webby"),
  },
  {
    name: "what is not installed need not be removed",
    system: true,
    said,
    prepare: countApt,
    props: () => apt.removed("greeter", "nosuch-package"),
    outcome: "unchanged",
    verify: async (place) => void (await place.shell("! test -e /run/apt-calls")),
  },
  {
    name: "a package is installed and its service runs; unapplied neither",
    system: true,
    said,
    props: () => apt.serviceInstalledRunning("webby"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("pgrep -x busybox")),
    unapplied: {},
    verifyUnapplied: async (place) => {
      await place.shell("! pgrep -x busybox");
      await has("webby 1.0 config-files", "webby")(place);
    },
  },
  {
    name: "a service that has another name than its package",
    system: true,
    said,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => apt.serviceInstalledRunning("dash", "cron"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("pgrep -x cron")),
  },
];

runCases("apt", [...installing, ...versions, ...removing], [placeOf("plain")]);
