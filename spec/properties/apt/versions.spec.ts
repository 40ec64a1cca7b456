import { FailedChange } from "../../../engine/index.js";
import * as apt from "../../../properties/apt/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { countApt, has, repository, said } from "./packages.js";

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
      place.shell(`apt-get -qq install hello-consfig
${repository("/opt/bpo", "hello-consfig", "3.0~bpo12+1")}
sum=$(sha256sum <Packages | cut -d' ' -f1); size=$(stat -c %s Packages)
cat >Release <<END
Suite: bookworm-backports
Codename: bookworm-backports
NotAutomatic: yes
ButAutomaticUpgrades: yes
SHA256:
 $sum $size Packages
END
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

runCases("apt", [...versions, ...removing], [placeOf("plain")]);
