import assert from "node:assert/strict";
import { FailedChange, inOrder } from "../../../engine/index.js";
import * as apt from "../../../properties/apt/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { said } from "./packages.js";

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
    name: "what dpkg itself has not written down to the end is brought to an end",
    system: true,
    said,
    prepare: (place) =>
      place.shell(
        "sed -n '/^Package: dash$/,/^$/p' /var/lib/dpkg/status >/var/lib/dpkg/updates/0001",
      ),
    props: () => apt.allConfigured(),
    outcome: "changed",
    verify: async (place) => void (await place.shell("! ls /var/lib/dpkg/updates/0*")),
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

runCases("apt", lists, [placeOf("plain")]);
