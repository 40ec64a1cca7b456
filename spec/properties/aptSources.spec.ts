import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { resetDataSources } from "../../engine/data.js";
import {
  FailedChange,
  host,
  InapplicableProperty,
  InvalidArgument,
  inOrder,
  prepareHost,
  registerDataSource,
} from "../../engine/index.js";
import * as apt from "../../properties/apt.js";
import * as os from "../../properties/os.js";
import { placeOf } from "../helpers/places.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";
import { signedRepository, signingKey } from "./signedRepository.js";

before(() =>
  registerDataSource({
    description: "keys of a spec",
    version: async (iden1, iden2) =>
      `${iden1} ${iden2}` === "--pgp-pubkey ABCD" ? "1" : undefined,
    read: async () => Buffer.from(signingKey),
  }),
);
after(resetDataSources);

const said = [os.debianStable("bookworm", "amd64")];

test("what would be more than one line or word in a file of apt is refused", () => {
  const source = { uris: ["file:/opt/repo"], suites: ["./"] };
  assert.throws(() => apt.additionalSource("a/b", source), InvalidArgument);
  assert.throws(() => apt.additionalSource("a.b", source), InvalidArgument);
  assert.throws(() => apt.additionalSource("a", { ...source, uris: ["x y:z"] }), InvalidArgument);
  assert.throws(() => apt.additionalSource("a", { ...source, suites: ["a\nb"] }), InvalidArgument);
  assert.throws(() => apt.pinned("*", "release n=x\nPin: y", 1), InvalidArgument);
  assert.throws(() => apt.pinned("*", "whatever", 1), InvalidArgument);
  assert.throws(() => apt.proxy('http://x" y'), InvalidArgument);
  assert.throws(() => apt.configured("x.conf", ""), InvalidArgument);
});

test("standard sources need mirrors", () => {
  const without = host("h.example", ...said, apt.standardSources());
  assert.throws(() => prepareHost(without), InapplicableProperty);
  const half = host("h.example", ...said, apt.mirrors("file:/a"), apt.standardSources());
  assert.throws(() => prepareHost(half), /apt\.securityMirrors/);
});

const source = { uris: ["file:/opt/other"], suites: ["./"], trusted: true } as const;
const signed = { uris: ["file:/opt/signed"], suites: ["./"] };

/** A repository besides the one that apt knows, with the package `other`. */
const otherRepository = `set -e; mkdir -p /opt/other /tmp/b/DEBIAN; cd /tmp/b
printf 'Package: other\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@localhost>\\nDescription: x\\n' >DEBIAN/control
dpkg-deb --build . /opt/other/o.deb >/dev/null; cd /opt/other
{ dpkg-deb --field o.deb; echo "Filename: ./o.deb"; echo "Size: $(stat -c %s o.deb)"; echo "SHA256: $(sha256sum <o.deb | cut -d' ' -f1)"; } >Packages`;

const sources: PropertyCase[] = [
  {
    name: "a source is there and read, and is neither when unapplied",
    system: true,
    said,
    prepare: (place) => place.shell(otherRepository),
    props: () => apt.additionalSource("other", source),
    outcome: "changed",
    becomes: {
      "etc/apt/sources.list.d/other.sources":
        "Types: deb\nURIs: file:/opt/other\nSuites: ./\nTrusted: yes\n",
    },
    verify: async (place) => void (await place.shell("apt-cache show other")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! apt-cache show other")),
  },
  {
    name: "a package of a source that was just added is installed",
    system: true,
    said,
    prepare: (place) => place.shell(otherRepository),
    props: () => inOrder(apt.additionalSource("other", source), apt.installed("other")),
    outcome: "changed",
  },
  {
    name: "a source that is there with other words is put right",
    system: true,
    said,
    given: { "etc/apt/sources.list.d/other.sources": "Types: deb\n" },
    prepare: (place) => place.shell(otherRepository),
    props: () => apt.additionalSource("other", source),
    outcome: "changed",
    becomes: {
      "etc/apt/sources.list.d/other.sources":
        "Types: deb\nURIs: file:/opt/other\nSuites: ./\nTrusted: yes\n",
    },
  },
  {
    name: "a source that is signed with another key is a failure, and does not stay",
    system: true,
    said,
    prepare: (place) => place.shell(signedRepository),
    props: () => apt.additionalSource("other", { ...signed, key: "no key at all" }),
    outcome: { fails: FailedChange },
    verify: async (place) => {
      await place.shell("! ls /etc/apt/sources.list.d/other.sources /etc/apt/keyrings/other.asc");
    },
  },
  {
    name: "a source comes with the key that it is signed with",
    system: true,
    said,
    prepare: (place) => place.shell(signedRepository),
    props: () => apt.additionalSource("signed", { ...signed, key: signingKey }),
    outcome: "changed",
    becomes: {
      "etc/apt/keyrings/signed.asc": signingKey,
      "etc/apt/sources.list.d/signed.sources":
        "Types: deb\nURIs: file:/opt/signed\nSuites: ./\nSigned-By: /etc/apt/keyrings/signed.asc\n",
    },
    verify: async (place) => void (await place.shell("apt-cache show signed")),
    unapplied: {},
  },
  {
    name: "the key of a source can be prerequisite data",
    system: true,
    said,
    prepare: (place) => place.shell(signedRepository),
    props: () => apt.additionalSource("signed", { ...signed, key: { fingerprint: "AB CD" } }),
    outcome: "changed",
    verify: async (place) => void (await place.shell("apt-cache show signed")),
    unapplied: {},
  },
  {
    name: "standard sources are the mirrors that were said",
    system: true,
    said: [...said, apt.mirrors("file:/a", "file:/b"), apt.securityMirrors("file:/s")],
    props: () => apt.standardSources(),
    outcome: "changed",
    becomes: {
      "etc/apt/sources.list": "",
      "etc/apt/sources.list.d/debian.sources": `Types: deb
URIs: file:/a file:/b
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib non-free non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: file:/s
Suites: bookworm-security
Components: main contrib non-free non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
    },
  },
];

const settings: PropertyCase[] = [
  {
    name: "apt uses a proxy, and does not when unapplied",
    system: true,
    said,
    props: () => apt.proxy("http://proxy.example:3142"),
    outcome: "changed",
    becomes: {
      "etc/apt/apt.conf.d/20proxy": 'Acquire::http::Proxy "http://proxy.example:3142";\n',
    },
    verify: async (place) =>
      assert.match(
        await place.shell("apt-config dump"),
        /http::Proxy "http:\/\/proxy.example:3142"/,
      ),
    unapplied: {},
  },
  {
    name: "apt updates each day, and does not when unapplied",
    system: true,
    said,
    props: () => apt.periodicUpdates(),
    outcome: "changed",
    verify: async (place) =>
      assert.match(await place.shell("apt-config dump"), /Update-Package-Lists "1"/),
    unapplied: {},
  },
  {
    name: "apt fetches whole lists",
    system: true,
    said,
    props: () => apt.noPdiffs(),
    outcome: "changed",
    verify: async (place) =>
      assert.match(await place.shell("apt-config dump"), /Acquire::PDiffs "false"/),
    unapplied: {},
  },
  {
    name: "a pin has its effect, and not when unapplied",
    system: true,
    said,
    props: () => apt.pinned("hello-* greeter", "version 1.*", 1001),
    outcome: "changed",
    verify: async (place) =>
      assert.match(await place.shell("apt-cache policy hello-consfig"), /Candidate: 1\.0/),
    unapplied: {},
    verifyUnapplied: async (place) =>
      assert.match(await place.shell("apt-cache policy hello-consfig"), /Candidate: 2\.0/),
  },
];

const lists: PropertyCase[] = [
  {
    name: "lists that are missing are fetched; then they are as they were",
    system: true,
    said,
    prepare: (place) => place.shell("rm -rf /var/lib/apt/lists/*_*"),
    props: () => apt.updated(),
    outcome: "changed",
    verify: async (place) => void (await place.shell("apt-cache show greeter")),
  },
  {
    name: "lists that are young enough are left alone",
    system: true,
    said,
    prepare: (place) => place.shell("touch /var/lib/apt/lists; rm /usr/bin/apt-get"),
    props: () => apt.updated({ olderThanHours: 1 }),
    outcome: "unchanged",
  },
  ...[
    [
      "are old",
      "touch -d '2 hours ago' /var/lib/apt/lists /etc/apt/sources.list* /etc/apt/sources.list.d",
    ],
    [
      "are older than the sources",
      "touch -d '5 minutes ago' /var/lib/apt/lists; touch /etc/apt/sources.list",
    ],
    ["are missing", "rm -rf /var/lib/apt/lists/*_*"],
  ].map(
    ([why, preparation]): PropertyCase => ({
      name: `lists that ${why} are fetched`,
      system: true,
      said,
      prepare: (place) => place.shell(`${preparation}; mv /opt/repo /opt/gone`),
      props: () => apt.updated({ olderThanHours: 1 }),
      outcome: { fails: FailedChange, says: /opt\/repo/ },
    }),
  ),
  {
    name: "lists that were just fetched are young",
    system: true,
    said,
    prepare: (place) => place.shell("touch -d '2 days ago' /var/lib/apt/lists"),
    props: () => inOrder(apt.updated({ olderThanHours: 24 }), apt.updated({ olderThanHours: 1 })),
    outcome: "unchanged",
    verify: async (place) => {
      await place.shell("find /var/lib/apt/periodic/update-success-stamp -mmin -1 | grep .");
    },
  },
  {
    name: "the lock of the lists is waited for",
    system: true,
    said,
    prepare: (place) =>
      place.shell(`rm -rf /var/lib/apt/lists/*_*
setsid perl -e 'use Fcntl; open(F, ">", "/var/lib/apt/lists/lock"); fcntl(F, F_SETLK, pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0)) or die; sleep 3' >/dev/null 2>&1 &
sleep 0.5`),
    props: () => apt.updated(),
    outcome: "changed",
  },
  {
    name: "everything is upgraded",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install hello-consfig=1.0"),
    props: () => apt.upgraded(),
    outcome: "changed",
    verify: async (place) => assert.match(await place.shell("dpkg-query -W hello-consfig"), /2\.0/),
  },
  {
    name: "what nothing needs any more goes",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install greeter && apt-get -qq remove greeter"),
    props: () => apt.autoremoved(),
    outcome: "changed",
    verify: async (place) => void (await place.shell("! dpkg-query -W hello-consfig")),
  },
  {
    name: "what broke off is brought to an end",
    system: true,
    said,
    prepare: (place) =>
      place.shell("apt-get -qq install hello-consfig; dpkg --unpack /opt/repo/webby_1.0_all.deb"),
    props: () => apt.allConfigured(),
    outcome: "changed",
    verify: async (place) =>
      assert.match(await place.shell("dpkg -s webby"), /^Status: install ok installed$/m),
  },
  {
    name: "a package that cannot be set up stays a failure",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install broken-postinst || :"),
    props: () => apt.allConfigured(),
    outcome: { fails: FailedChange, says: /broken-postinst: cannot be configured/ },
  },
  {
    name: "fetched files are cleaned away",
    system: true,
    said,
    prepare: (place) => place.shell("touch /var/cache/apt/archives/x_1_all.deb"),
    props: () => apt.cacheCleaned(),
    outcome: "changed",
    verify: async (place) => void (await place.shell("! ls /var/cache/apt/archives/*.deb")),
  },
];

const answers: PropertyCase[] = [
  {
    name: "a question is answered before it is asked",
    system: true,
    said,
    props: () =>
      inOrder(
        apt.preseeded("askme", ["askme/colour", "string", "deep blue"]),
        apt.installed("askme"),
      ),
    outcome: "changed",
    verify: async (place) =>
      assert.equal(await place.shell("cat /etc/askme.conf"), "colour=deep blue\n"),
  },
  {
    name: "an installed package is set up anew by another answer",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install askme"),
    props: () => apt.reconfigured("askme", ["askme/colour", "string", "red"]),
    outcome: "changed",
    verify: async (place) => assert.equal(await place.shell("cat /etc/askme.conf"), "colour=red\n"),
  },
  {
    name: "a package that cannot be set up by the answers is not taken for done",
    system: true,
    said,
    props: () => apt.reconfigured("askme", ["askme/colour", "string", "red"]),
    outcome: { fails: FailedChange, says: /askme/ },
    verify: async (place) => assert.doesNotMatch(await place.shell("debconf-show askme"), /red/),
  },
];

runCases("apt", [...sources, ...settings, ...lists, ...answers], [placeOf("plain")]);
