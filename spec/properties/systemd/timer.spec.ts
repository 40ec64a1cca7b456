import assert from "node:assert/strict";
import { FailedChange } from "../../../engine/index.js";
import * as systemd from "../../../properties/systemd/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { is } from "./units.js";

const words = ["/bin/sh", "-c", `printf '%s|' "$@" >/run/seen`, "sh", `a"b'c`, "100%n $HOME \\n"];

const timers: PropertyCase[] = [
  {
    name: "a timer waits for its time; unapplied there is none",
    system: true,
    props: () => systemd.hasTimer("tidy", { onCalendar: "*-*-* 04:00", command: ["/bin/true"] }),
    outcome: "changed",
    verify: async (place) => {
      await is("is-active", "active", "tidy.timer")(place);
      await is("is-enabled", "enabled", "tidy.timer")(place);
      assert.match(await place.shell("systemctl list-timers tidy.timer"), /04:00/);
    },
    unapplied: {},
    verifyUnapplied: async (place) => {
      await is("show -p LoadState --value", "not-found", "tidy.timer")(place);
      await place.shell("! ls /etc/systemd/system/tidy* /etc/systemd/system/*/tidy*");
    },
  },
  {
    name: "the command's words arrive exactly as they are",
    system: true,
    props: () => systemd.hasTimer("tidy", { onCalendar: "yearly", command: words, runAs: "root" }),
    outcome: "changed",
    verify: async (place) => {
      await place.shell("systemctl start tidy.service");
      assert.equal(await place.shell("cat /run/seen"), `a"b'c|100%n $HOME \\n|`);
    },
  },
  {
    name: "a timer with another time goes by that at once",
    system: true,
    prepare: (place) =>
      place.shell(`printf '[Timer]\\nOnCalendar=daily\\n[Install]\\nWantedBy=timers.target\\n' >/etc/systemd/system/tidy.timer
printf '[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/tidy.service
systemctl daemon-reload; systemctl start tidy.timer`),
    props: () => systemd.hasTimer("tidy", { onCalendar: "*-*-* 04:17", command: ["/bin/true"] }),
    outcome: "changed",
    verify: async (place) =>
      assert.match(await place.shell("systemctl list-timers tidy.timer"), /04:17/),
  },
  {
    name: "a time that systemd does not understand is a failure",
    system: true,
    props: () => systemd.hasTimer("tidy", { onCalendar: "whenever", command: ["/bin/true"] }),
    outcome: { fails: FailedChange, says: /tidy\.timer/ },
  },
];

runCases("systemd", timers, [placeOf("systemd")]);
