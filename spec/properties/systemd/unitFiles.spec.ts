import { onChange } from "../../../engine/index.js";
import * as systemd from "../../../properties/systemd/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { is, sleeper, unit, web } from "./units.js";

const files: PropertyCase[] = [
  {
    name: "there is a unit that systemd knows; unapplied there is none",
    system: true,
    props: () => systemd.hasUnit("web.service", sleeper.trimEnd()),
    outcome: "changed",
    becomes: { [web]: sleeper },
    verify: is("show -p LoadState --value", "loaded"),
    unapplied: {},
    verifyUnapplied: is("show -p LoadState --value", "not-found"),
  },
  {
    name: "a unit of another content gets the right one, and systemd reads it",
    system: true,
    given: { [web]: sleeper },
    prepare: (place) => place.shell("systemctl daemon-reload; systemctl start web"),
    props: () =>
      onChange(
        systemd.hasUnit("web.service", unit("/bin/sleep 12345")),
        systemd.restarted("web.service"),
      ),
    outcome: "changed",
    becomes: { [web]: unit("/bin/sleep 12345") },
    verify: async (place) => void (await place.shell("pgrep -f '^/bin/sleep 12345'")),
  },
  {
    name: "a unit that systemd has not read yet is read",
    system: true,
    given: { [web]: unit("/bin/sleep 1000") },
    prepare: async (place) => {
      await place.shell("systemctl daemon-reload; systemctl start web");
      await place.shell(`printf %s '${sleeper}' >/${web}`);
    },
    props: () => systemd.hasUnit("web.service", sleeper),
    outcome: "changed",
    becomes: { [web]: sleeper },
    verify: is("show -p NeedDaemonReload --value", "no"),
  },
  {
    name: "a masked unit is there again",
    system: true,
    given: { [web]: { symlink: "/dev/null" } },
    props: () => systemd.hasUnit("web.service", sleeper),
    outcome: "changed",
    becomes: { [web]: sleeper },
    unapplied: {},
  },
  {
    name: "a unit file that another account could write to is put right",
    system: true,
    given: { [web]: { content: sleeper, mode: 0o666, user: "alice" } },
    props: () => systemd.hasUnit("web.service", sleeper),
    outcome: "changed",
    becomes: { [web]: sleeper },
  },
  {
    name: "a unit has a drop-in file; unapplied there is no trace of it",
    system: true,
    props: () => systemd.hasDropIn("cron.service", "limits", "[Service]\nLimitNOFILE=12345"),
    outcome: "changed",
    becomes: {
      "etc/systemd/system/cron.service.d/limits.conf": "[Service]\nLimitNOFILE=12345\n",
    },
    verify: is("show -p LimitNOFILE --value", "12345", "cron"),
    unapplied: {},
    verifyUnapplied: async (place) => {
      await place.shell("! test -e /etc/systemd/system/cron.service.d");
      await is("show -p DropInPaths --value", "", "cron")(place);
    },
  },
];

runCases("systemd", files, [placeOf("systemd")]);
