import { AbortedChange, inOrder } from "../../../engine/index.js";
import * as service from "../../../properties/service/index.js";
import * as systemd from "../../../properties/systemd/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { sleeper, web } from "./units.js";

const withoutSystemd: PropertyCase[] = [
  {
    name: "a unit is there and enabled; unapplied neither",
    system: true,
    props: () => inOrder(systemd.hasUnit("web.service", sleeper), systemd.enabled("web.service")),
    outcome: "changed",
    becomes: {
      [web]: sleeper,
      "etc/systemd/system/multi-user.target.wants/web.service": { symlink: `/${web}` },
    },
    unapplied: {},
  },
  {
    name: "a unit cannot be started, and that is said",
    system: true,
    props: () => systemd.started("cron"),
    outcome: { fails: AbortedChange, says: /systemd does not run.*service\.running/s },
  },
  {
    name: "on a host without services nothing is to be started",
    system: true,
    said: [service.noServices()],
    props: () => inOrder(systemd.enabledAndStarted("cron"), systemd.daemonReloaded()),
    outcome: "unchanged",
  },
  {
    name: "nothing runs that would have to be stopped or reloaded",
    system: true,
    props: () =>
      inOrder(systemd.stopped("cron"), systemd.reloaded("cron"), systemd.daemonReloaded()),
    outcome: "unchanged",
  },
  {
    name: "lingering is for the time when systemd runs",
    system: true,
    props: () => systemd.lingeringEnabled("alice"),
    outcome: "changed",
    becomes: { "var/lib/systemd/linger/alice": "" },
    unapplied: {},
  },
  {
    name: "a unit is masked; unapplied it is not",
    system: true,
    props: () => systemd.masked("cron.service"),
    outcome: "changed",
    becomes: { "etc/systemd/system/cron.service": { symlink: "/dev/null" } },
    unapplied: {},
  },
];

runCases("systemd that does not run", withoutSystemd, [placeOf("plain")]);
