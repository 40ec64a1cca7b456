import assert from "node:assert/strict";
import { FailedChange, inOrder } from "../../../engine/index.js";
import * as apt from "../../../properties/apt/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { has, repository, said } from "./packages.js";

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
    name: "security updates install themselves, and do not when unapplied",
    system: true,
    said,
    prepare: (place) =>
      place.shell(`${repository("/opt/other", "unattended-upgrades", "1")}
echo 'deb [trusted=yes] file:/opt/other ./' >/etc/apt/sources.list.d/other.list; apt-get -qq update`),
    props: () => apt.unattendedUpgrades({ mail: "me@example.com" }),
    outcome: "changed",
    becomes: {
      "etc/apt/apt.conf.d/52unattended-upgrades-mail":
        'Unattended-Upgrade::Mail "me@example.com";\n',
    },
    verify: async (place) => {
      await has("unattended-upgrades 1 installed", "unattended-upgrades")(place);
      assert.match(await place.shell("apt-config dump"), /Periodic::Unattended-Upgrade "1"/);
    },
    unapplied: {},
    verifyUnapplied: has("", "unattended-upgrades"),
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

runCases("apt", [...settings, ...answers], [placeOf("plain")]);
