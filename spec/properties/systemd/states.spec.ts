import assert from "node:assert/strict";
import { test } from "node:test";
import { FailedChange, InvalidArgument, inOrder, unapplied } from "../../../engine/index.js";
import * as service from "../../../properties/service/index.js";
import * as systemd from "../../../properties/systemd/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { is, plantWeb, unit } from "./units.js";

test("a unit's name is none that systemctl could take for something else", () => {
  for (const name of ["-x", "", "a b", "../x", "a/b", "a\nb", "*"]) {
    assert.throws(() => systemd.started(name), InvalidArgument, JSON.stringify(name));
    assert.throws(() => systemd.hasUnit(name, ""), InvalidArgument, JSON.stringify(name));
  }
  assert.throws(() => systemd.hasUnit("web", ""), /suffix/);
  assert.throws(() => systemd.started("web", { user: "-x" }), InvalidArgument);
  assert.throws(() => systemd.hasDropIn("web.service", "../x", ""), InvalidArgument);
});

const states: PropertyCase[] = [
  {
    name: "a unit is started; unapplied it is stopped",
    system: true,
    ...plantWeb(),
    props: () => systemd.started("web"),
    outcome: "changed",
    verify: is("is-active", "active"),
    unapplied: "restored",
    verifyUnapplied: is("is-active", "inactive"),
  },
  {
    name: "a unit that is started is stopped, and one that is not there is at rest",
    system: true,
    ...plantWeb(),
    prepare: (place) => place.shell("systemctl daemon-reload; systemctl start web"),
    props: () => inOrder(systemd.stopped("web.service"), systemd.stopped("nosuch.service")),
    outcome: "changed",
    verify: is("is-active", "inactive"),
  },
  {
    name: "a unit that fails at once is a failure with the end of its log",
    system: true,
    ...plantWeb(unit("/bin/sh -c 'echo out of cheese; exit 3'", "Type=oneshot\n")),
    props: () => systemd.started("web"),
    outcome: { fails: FailedChange, says: /out of cheese/ },
  },
  {
    name: "a unit that is started over and over again is stopped when unapplied",
    system: true,
    ...plantWeb(unit("/bin/false", "Restart=always\nRestartSec=3600\n")),
    prepare: (place) => place.shell("systemctl daemon-reload; systemctl start web; sleep 0.3"),
    props: () => unapplied(systemd.started("web")),
    outcome: "changed",
    verify: is("is-active", "inactive"),
  },
  {
    name: "a unit that is started over and over again is a failure",
    system: true,
    ...plantWeb(unit("/bin/false", "Restart=always\nRestartSec=3600\n")),
    prepare: (place) => place.shell("systemctl daemon-reload; systemctl start web; sleep 0.3"),
    props: () => systemd.started("web"),
    outcome: { fails: FailedChange, says: /web was started and has failed/ },
  },
  {
    name: "a unit is restarted each time, whether it was started or not",
    system: true,
    ...plantWeb(),
    props: () => systemd.restarted("web"),
    outcome: "changed",
    again: "changed",
    verify: is("is-active", "active"),
  },
  {
    name: "a unit is reloaded if it is active",
    system: true,
    ...plantWeb(unit("/bin/sleep infinity", "ExecReload=/bin/touch /run/reloaded\n")),
    props: () => inOrder(systemd.reloaded("web"), systemd.started("web"), systemd.reloaded("web")),
    outcome: "changed",
    again: "changed",
    verify: async (place) => void (await place.shell("test -e /run/reloaded")),
  },
  {
    name: "a unit is enabled; unapplied it is disabled",
    system: true,
    ...plantWeb(),
    props: () => systemd.enabled("web.service"),
    outcome: "changed",
    verify: is("is-enabled", "enabled"),
    unapplied: "restored",
    verifyUnapplied: is("is-enabled", "disabled"),
  },
  {
    name: "a unit that other units start is as good as enabled",
    system: true,
    props: () => systemd.enabled("systemd-journald.service"),
    outcome: "unchanged",
    unapplied: "unchanged",
  },
  {
    name: "a unit that is enabled until the next boot is enabled for good",
    system: true,
    ...plantWeb(),
    prepare: (place) => place.shell("systemctl daemon-reload; systemctl enable --runtime web"),
    props: () => systemd.enabled("web"),
    outcome: "changed",
    verify: is("is-enabled", "enabled"),
  },
  {
    name: "a unit is disabled, and one that is not there is so already",
    system: true,
    ...plantWeb(),
    prepare: (place) => place.shell("systemctl daemon-reload; systemctl enable web"),
    props: () => inOrder(systemd.disabled("web"), systemd.disabled("nosuch")),
    outcome: "changed",
    verify: is("is-enabled", "disabled"),
  },
  {
    name: "a unit is masked; unapplied it is not",
    system: true,
    props: () => systemd.masked("cron.service"),
    outcome: "changed",
    becomes: { "etc/systemd/system/cron.service": { symlink: "/dev/null" } },
    unapplied: {},
    verifyUnapplied: is("is-enabled", "enabled", "cron"),
  },
  {
    name: "a unit is enabled and started; unapplied neither",
    system: true,
    ...plantWeb(),
    props: () => systemd.enabledAndStarted("web"),
    outcome: "changed",
    verify: async (place) => {
      await is("is-enabled", "enabled")(place);
      await is("is-active", "active")(place);
    },
    unapplied: "restored",
    verifyUnapplied: is("is-active", "inactive"),
  },
  {
    name: "a unit that is not there is a failure",
    system: true,
    props: () => systemd.enabled("nosuch.service"),
    outcome: { fails: FailedChange, says: /nosuch\.service.*(not|No such)/ },
  },
  {
    name: "a masked unit cannot be started, and that is said",
    system: true,
    prepare: (place) => place.shell("systemctl stop cron; systemctl mask cron"),
    props: () => systemd.started("cron"),
    outcome: { fails: FailedChange, says: /masked/ },
  },
  {
    name: "no unit is started on a host without services",
    system: true,
    ...plantWeb(),
    said: [service.noServices()],
    props: () => inOrder(systemd.started("web"), systemd.restarted("web")),
    outcome: "unchanged",
    verify: is("is-active", "inactive"),
  },
];

runCases("systemd", states, [placeOf("systemd")]);
