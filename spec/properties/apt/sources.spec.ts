import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  FailedChange,
  host,
  InapplicableProperty,
  InvalidArgument,
  inOrder,
  prepareHost,
  registerDataSource,
} from "../../../engine/index.js";
import { resetDataSources } from "../../../engine/model/data.js";
import * as apt from "../../../properties/apt/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { repository, said } from "./packages.js";
import { signedRepository, signingKey } from "./signedRepository.js";

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

before(() =>
  registerDataSource({
    description: "keys of a spec",
    version: async (iden1, iden2) =>
      `${iden1} ${iden2}` === "--pgp-pubkey ABCD" ? "1" : undefined,
    read: async () => Buffer.from(signingKey),
  }),
);
after(resetDataSources);

const source = { uris: ["file:/opt/other"], suites: ["./"], trusted: true } as const;
const signed = { uris: ["file:/opt/signed"], suites: ["./"] };

const otherRepository = repository("/opt/other", "other", "1");

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

runCases("apt", sources, [placeOf("plain")]);
