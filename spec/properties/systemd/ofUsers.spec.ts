import "../../../connections/as/index.js";
import assert from "node:assert/strict";
import { AbortedChange, FailedChange, inOrder, unapplied } from "../../../engine/index.js";
import * as systemd from "../../../properties/systemd/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { sleeper } from "./units.js";

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
    name: "nothing is to be undone for a user who is not there",
    system: true,
    props: () =>
      unapplied(
        inOrder(
          systemd.hasUnit("web.service", sleeper, { user: "bob" }),
          systemd.enabledAndStarted("web.service", { user: "bob" }),
        ),
      ),
    outcome: "unchanged",
  },
  {
    name: "what a user's systemd is not there to run is at rest",
    system: true,
    props: () => inOrder(systemd.stopped("web.service", own), systemd.daemonReloaded(own)),
    outcome: "unchanged",
  },
];

runCases("systemd", users, [placeOf("systemd")]);
