import assert from "node:assert/strict";
import { test } from "node:test";
import {
  childHost,
  host,
  InapplicableProperty,
  InvalidArgument,
  prepareHost,
} from "../../engine/index.js";
import { Hostattrs } from "../../engine/model/hostattrs.js";
import * as hostname from "../../properties/hostname/index.js";
import type { Place } from "../helpers/places.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";

const localhost = "127.0.0.1\tlocalhost\n";

async function calls(place: Place, name: string): Promise<void> {
  assert.equal(await place.shell("uname -n"), `${name}\n`);
}

runCases("hostname.configured", [
  {
    name: "a fully qualified name",
    system: true,
    given: { "etc/hostname": "h01\n", "etc/hosts": `${localhost}127.0.1.1\th01\n` },
    props: () => hostname.configured("web1.example.com"),
    outcome: "changed",
    becomes: {
      "etc/hostname": "web1\n",
      "etc/hosts": `${localhost}127.0.1.1\tweb1.example.com web1 h01\n`,
    },
    verify: (place) => calls(place, "web1"),
  },
  {
    name: "the name that the consfig gives the host",
    system: true,
    given: { "etc/hostname": "h01\n", "etc/hosts": "" },
    props: () => hostname.configured(),
    outcome: "changed",
    becomes: {
      "etc/hostname": "cases\n",
      "etc/hosts": `${localhost}127.0.1.1\tcases.example cases\n`,
    },
    verify: (place) => calls(place, "cases"),
  },
  {
    name: "the name that is said in another property",
    system: true,
    said: [hostname.is("plain")],
    given: { "etc/hostname": "h01\n", "etc/hosts": `${localhost}# end` },
    props: () => hostname.configured(),
    outcome: "changed",
    becomes: { "etc/hostname": "plain\n", "etc/hosts": `${localhost}127.0.1.1\tplain\n# end\n` },
    verify: (place) => calls(place, "plain"),
  },
  {
    name: "only the running system is called something else",
    system: true,
    given: { "etc/hostname": "web1\n", "etc/hosts": `${localhost}127.0.1.1 web1\n` },
    props: () => hostname.configured("web1"),
    outcome: "changed",
    verify: (place) => calls(place, "web1"),
  },
  ...["", "-a", "a b", "a\n", "$(id)", "a..b", "é"].map((name) => ({
    name: `the name ${JSON.stringify(name)}`,
    props: () => hostname.configured(name),
    outcome: { fails: InvalidArgument },
  })),
]);

test("a host inside another is not renamed while it runs", () => {
  const around = new Hostattrs(prepareHost(host("outer.example")).hostattrs);
  const inner = childHost(around, { name: "inner.example" }, hostname.configured());
  const text = JSON.stringify(prepareHost(inner).propspec);
  assert.match(text, /hostname.inHosts/);
  assert.doesNotMatch(text, /hostname.running/);
});

/** Texts of /etc/hosts before, after, and unapplied again. */
const hosts: readonly [name: string, before: string, after: string, undone?: string][] = [
  [
    "nothing else is reformatted",
    "# hosts\n\n127.0.0.1   localhost loop # here\n::1 ip6-localhost   ip6-loopback\n\n10.0.0.1 x\n",
    "# hosts\n\n127.0.0.1   localhost loop # here\n127.0.1.1\tw.x.y w\n::1 ip6-localhost   ip6-loopback\n\n10.0.0.1 x\n",
    "# hosts\n\n127.0.0.1   localhost loop # here\n::1 ip6-localhost   ip6-loopback\n\n10.0.0.1 x\n",
  ],
  [
    "other names and a comment stay",
    `${localhost}127.0.1.1   old.x.y w  other # mine\n`,
    `${localhost}127.0.1.1   w.x.y w old.x.y other # mine\n`,
    `${localhost}127.0.1.1   old.x.y other # mine\n`,
  ],
  ["it is there", `127.0.1.1 w.x.y   w z\n${localhost}`, `127.0.1.1 w.x.y   w z\n${localhost}`],
  [
    "the order is another",
    `${localhost}127.0.1.1\tw w.x.y\n`,
    `${localhost}127.0.1.1\tw.x.y w\n`,
    localhost,
  ],
  [
    "a line that is a comment does not count",
    `#127.0.1.1 w.x.y w\n#127.0.0.1 localhost`,
    `${localhost}127.0.1.1\tw.x.y w\n#127.0.1.1 w.x.y w\n#127.0.0.1 localhost\n`,
    `${localhost}#127.0.1.1 w.x.y w\n#127.0.0.1 localhost\n`,
  ],
  [
    "127.0.0.1 is not localhost",
    "127.0.0.1 w.x.y w\r\n127.0.1.1 w.x.y w\r\n",
    "127.0.0.1 localhost w.x.y w\r\n127.0.1.1 w.x.y w\r\n",
    "127.0.0.1 localhost w.x.y w\r\n",
  ],
];

runCases("hostname.inHosts", [
  ...hosts.map(
    ([name, before, after, undone]): PropertyCase => ({
      name,
      system: true,
      given: { "etc/hosts": before },
      props: () => hostname.inHosts("w.x.y"),
      outcome: before === after ? "unchanged" : "changed",
      becomes: { "etc/hosts": after },
      ...(undone === undefined ? {} : { unapplied: { "etc/hosts": undone } }),
    }),
  ),
]);

runCases("hostname.mailnameConfigured and searchConfigured", [
  {
    name: "mail from a name",
    system: true,
    props: () => hostname.mailnameConfigured("mail.example.com"),
    outcome: "changed",
    becomes: { "etc/mailname": "mail.example.com\n" },
  },
  {
    name: "mail from the host",
    system: true,
    props: () => hostname.mailnameConfigured(),
    outcome: "changed",
    becomes: { "etc/mailname": "cases.example\n" },
  },
  {
    name: "the domain of the host",
    system: true,
    given: { "etc/resolv.conf": "nameserver 10.0.0.1\nsearch old\n" },
    props: () => hostname.searchConfigured(),
    outcome: "changed",
    becomes: { "etc/resolv.conf": "nameserver 10.0.0.1\nsearch example\n" },
  },
  {
    name: "a domain",
    system: true,
    given: { "etc/resolv.conf": "nameserver 10.0.0.1\n" },
    props: () => hostname.searchConfigured("a.b"),
    outcome: "changed",
    becomes: { "etc/resolv.conf": "nameserver 10.0.0.1\nsearch a.b\n" },
  },
  {
    name: "a host in no domain",
    said: [hostname.is("plain")],
    props: () => hostname.searchConfigured(),
    outcome: { fails: InapplicableProperty, says: /in no domain/ },
  },
]);
