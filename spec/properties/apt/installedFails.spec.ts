import { FailedChange, InapplicableProperty, unapplied } from "../../../engine/index.js";
import * as apt from "../../../properties/apt/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { has, said } from "./packages.js";

const failing: PropertyCase[] = [
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
    name: "an installation that has broken off is in the way of others, and that is said",
    system: true,
    said,
    prepare: (place) =>
      place.shell(
        "sed -n '/^Package: dash$/,/^$/p' /var/lib/dpkg/status >/var/lib/dpkg/updates/0001",
      ),
    props: () => apt.installed("greeter"),
    outcome: { fails: FailedChange, says: /broken off.*allConfigured/s },
  },
  {
    name: "a package that cannot be set up is a failure with its own words",
    system: true,
    said,
    props: () => apt.installed("broken-postinst"),
    outcome: { fails: FailedChange, says: /dpkg failed.*broken-postinst: cannot be configured/s },
  },
  ...(
    [
      [
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (apt-get)",
        /another program has held \/var\/lib\/dpkg\/lock-frontend for more than 300 s.*ps/s,
      ],
      ["E: Package 'webby' has no installation candidate", /apt has no package webby.*virtual/s],
      ["E: Unable to lock the administration directory, are you root?", /needs uid 0.*sudo/s],
      ["E: something else altogether", /exit code 100.*something else altogether/s],
    ] as const
  ).map(
    ([complaint, says]): PropertyCase => ({
      name: `what apt complains about is told: ${complaint.slice(3, 30)}`,
      system: true,
      said,
      prepare: (place) =>
        place.shell(`mv /usr/bin/apt-get /usr/bin/apt-get.real; cat >/usr/bin/apt-get <<'END'
#!/bin/sh
case "$*" in *" update"*) exec apt-get.real "$@";; esac
echo "${complaint}" >&2
exit 100
END
chmod 755 /usr/bin/apt-get`),
      props: () => apt.installed("webby"),
      outcome: { fails: FailedChange, says },
    }),
  ),
  {
    name: "of packages that nobody knows nothing is to be removed, of others all",
    system: true,
    said,
    prepare: (place) => place.shell("apt-get -qq install greeter"),
    props: () => unapplied(apt.installed("greeter", "nosuch-package")),
    outcome: "changed",
    verify: has("", "greeter"),
  },
  {
    name: "a host of which it is not said that it has Debian is refused",
    system: true,
    props: () => apt.installed("greeter"),
    outcome: { fails: InapplicableProperty },
  },
];

runCases("apt", failing, [placeOf("plain")]);
