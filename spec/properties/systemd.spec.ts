import "../../connections/as.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbortedChange,
  FailedChange,
  InvalidArgument,
  inOrder,
  onChange,
  unapplied,
} from "../../engine/index.js";
import * as service from "../../properties/service.js";
import * as systemd from "../../properties/systemd.js";
import { type Place, placeOf } from "../helpers/places.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";

const unit = (command: string, more = "") =>
  `[Service]\nExecStart=${command}\n${more}[Install]\nWantedBy=multi-user.target\n`;
const sleeper = unit("/bin/sleep infinity");
const web = "etc/systemd/system/web.service";

/** There is a unit web.service, which systemd knows. */
const plantWeb = (content = sleeper) => ({
  given: { [web]: content },
  prepare: (place: Place) => place.shell("systemctl daemon-reload"),
});

const is =
  (verb: string, expected: string, name = "web.service") =>
  async (place: Place) =>
    assert.equal((await place.shell(`systemctl ${verb} ${name} || :`)).trim(), expected);

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

const own = { user: "alice" };
const ownUnit = "home/alice/.config/systemd/user/web.service";
const asAlice = (command: string) =>
  `setpriv --reuid=alice --regid=alice --init-groups env XDG_RUNTIME_DIR=/run/user/$(id -u alice) systemctl --user ${command}`;

const users: PropertyCase[] = [
  {
    name: "a user's systemd runs without the user; unapplied it does not",
    system: true,
    props: () => systemd.lingeringEnabled("alice"),
    outcome: "changed",
    becomes: { "var/lib/systemd/linger/alice": "" },
    verify: async (place) => void (await place.shell(asAlice("show --property=Version"))),
    unapplied: {},
  },
  {
    name: "a user's own unit is there, enabled and started; unapplied there is none",
    system: true,
    prepare: (place) => place.shell("loginctl enable-linger alice; systemctl start user@1001"),
    props: () =>
      inOrder(
        systemd.hasUnit("web.service", sleeper.replace("multi-user", "default"), own),
        systemd.enabledAndStarted("web.service", own),
      ),
    outcome: "changed",
    becomes: {
      [ownUnit]: {
        content: sleeper.replace("multi-user", "default"),
        user: "alice",
        group: "alice",
      },
    },
    verify: async (place) => {
      assert.equal(await place.shell(asAlice("is-active web")), "active\n");
      assert.equal(await place.shell(asAlice("is-enabled web")), "enabled\n");
      await place.shell("pgrep -u alice -x sleep");
    },
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! pgrep -u alice -x sleep")),
  },
  {
    name: "a link that a user put in the way leads uid 0 nowhere",
    system: true,
    prepare: (place) =>
      place.shell(`loginctl enable-linger alice; systemctl start user@1001
setpriv --reuid=alice --regid=alice --clear-groups sh -c 'mkdir -p /home/alice/.config/systemd && ln -s /etc /home/alice/.config/systemd/user'`),
    props: () => systemd.hasUnit("web.service", sleeper, own),
    outcome: { fails: FailedChange, says: /denied/ },
    verify: async (place) => void (await place.shell("! test -e /etc/web.service")),
  },
  {
    name: "when a user's systemd does not run, that is said",
    system: true,
    props: () => systemd.enabled("web.service", own),
    outcome: { fails: AbortedChange, says: /systemd of alice does not run.*lingeringEnabled/s },
  },
  {
    name: "what a user's systemd is not there to run is at rest",
    system: true,
    props: () => inOrder(systemd.stopped("web.service", own), systemd.daemonReloaded(own)),
    outcome: "unchanged",
  },
];

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

runCases("systemd", [...states, ...files, ...timers, ...users], [placeOf("systemd")]);
runCases("systemd", withoutSystemd, [placeOf("plain")]);
