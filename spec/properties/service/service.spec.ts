import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailed, FailedChange, InvalidArgument } from "../../../engine/index.js";
import * as service from "../../../properties/service/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { rests, runs } from "./processes.js";

test("a service's name is none that a program could take for something else", () => {
  for (const name of ["-x", "", "a b", "../x", "a/b", "a\nb", "$(x)"]) {
    assert.throws(() => service.running(name), InvalidArgument, JSON.stringify(name));
  }
});

const anyInit: PropertyCase[] = [
  {
    name: "a service runs, and does not when unapplied",
    system: true,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => service.running("cron"),
    outcome: "changed",
    verify: runs("cron"),
    unapplied: {},
    verifyUnapplied: rests("cron"),
  },
  {
    name: "a service that runs is stopped",
    system: true,
    prepare: (place) => place.shell("service cron start"),
    props: () => service.stopped("cron"),
    outcome: "changed",
    verify: rests("cron"),
  },
  {
    name: "a service is restarted each time, whether it ran or not",
    system: true,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => service.restarted("cron"),
    outcome: "changed",
    again: "changed",
    verify: runs("cron"),
  },
  {
    name: "a service that runs is reloaded each time",
    system: true,
    prepare: (place) => place.shell("service ssh start"),
    props: () => service.reloaded("ssh"),
    outcome: "changed",
    again: "changed",
  },
  {
    name: "a service that does not run needs no reloading",
    system: true,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => service.reloaded("cron"),
    outcome: "unchanged",
  },
  {
    name: "a service is started at boot, and is not when unapplied",
    system: true,
    prepare: (place) => place.shell("systemctl disable cron"),
    props: () => service.enabled("cron"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("ls /etc/rc2.d/S*cron")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! ls /etc/rc2.d/S*cron")),
  },
  {
    name: "a service that is not there is a failure",
    system: true,
    props: () => service.running("nosuch"),
    outcome: { fails: CommandFailed, says: /nosuch/ },
  },
  {
    name: "a service that ends at once is a failure",
    system: true,
    given: { "etc/webby.conf": "PORT=none\n" },
    prepare: (place) =>
      place.shell("apt-get -qq -o Dpkg::Options::=--force-confold install webby || :"),
    props: () => service.running("webby"),
    outcome: { fails: FailedChange, says: /webby.*does not run.*journalctl/s },
  },
];

/** Programs that behave like those of OpenRC, for one service whose state is kept in files. */
const openRc = `
mkdir -p /run/rc && cat >/usr/local/sbin/rc-service <<'END'
#!/bin/sh
[ "$1" = web ] || { echo "rc-service: service \\\`$1' does not exist" >&2; exit 1; }
case $2 in
  start) touch /run/rc/started ;;
  stop) rm /run/rc/started ;;
  restart) touch /run/rc/started /run/rc/restarted ;;
  status) [ -e /run/rc/started ] || exit 3 ;;
esac
END
cat >/usr/local/sbin/rc-update <<'END'
#!/bin/sh
case $1 in
  show) echo "             webby | default"; [ ! -e /run/rc/enabled ] || echo "               web |      default" ;;
  add) [ "$2 $3" = "web default" ] && touch /run/rc/enabled ;;
  delete) [ "$2 $3" = "web default" ] && rm /run/rc/enabled ;;
esac
END
chmod 755 /usr/local/sbin/rc-*
mv /usr/bin/systemctl /usr/bin/systemctl.hidden
`;

const withOpenRc: PropertyCase[] = [
  {
    name: "a service runs, and does not when unapplied",
    system: true,
    prepare: (place) => place.shell(openRc),
    props: () => service.running("web"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("test -e /run/rc/started")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! test -e /run/rc/started")),
  },
  {
    name: "a service is started at boot, and is not when unapplied",
    system: true,
    prepare: (place) => place.shell(openRc),
    props: () => service.enabled("web"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("test -e /run/rc/enabled")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! test -e /run/rc/enabled")),
  },
];

runCases("service", anyInit, [placeOf("plain"), placeOf("systemd")]);
runCases("service of OpenRC", withOpenRc, [placeOf("plain")]);
