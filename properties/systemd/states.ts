import { z } from "zod";
import { FailedChange, posixProperty, propList } from "../../engine/index.js";
import {
  act,
  assertRuns,
  installationOf,
  isActive,
  isAtRest,
  logOf,
  mayStartUnit,
  type Scope,
  scopeSchema,
  stateOf,
  systemctl,
  systemdRuns,
  unitName,
} from "./systemctl.js";

type OneUnit = [unit: string, scope?: Scope];
const oneUnit = z.tuple([unitName, scopeSchema.exactOptional()]);

const named = (unit: string, { user }: Scope = {}) =>
  user === undefined ? unit : `${unit} of ${user}`;

/** systemd has read its units anew, where it runs. For `onChange`. */
export const daemonReloaded = posixProperty<[scope?: Scope]>("systemd.daemonReloaded", {
  args: z.tuple([scopeSchema.exactOptional()]),
  desc: (scope) => named("systemd reloaded", scope),
  async apply(host, scope = {}) {
    if (!(await systemdRuns(host, scope))) return "unchanged";
    await host.run(systemctl(scope, ["daemon-reload"]));
    return "changed";
  },
});

/**
 * The unit is active, unless services are not started on the host. Unapplied: it is not. Whether it
 * is after the next boot is another matter: {@link enabled}.
 */
export const started = posixProperty<OneUnit>("systemd.started", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} started`,
  async check(host, unit, scope = {}) {
    const [state, may] = await Promise.all([
      stateOf(host, unit, scope),
      mayStartUnit(host, unit, scope),
    ]);
    return isActive(state) || !may || (!isAtRest(state) && "partly");
  },
  async apply(host, unit, scope = {}) {
    await assertRuns(host, scope);
    // A unit that waits to be started again would make this start wait, too.
    const isWaiting = (await stateOf(host, unit, scope)).SubState === "auto-restart";
    await act(host, isWaiting ? "restart" : "start", unit, scope);
    const { ActiveState, SubState } = await stateOf(host, unit, scope);
    if (ActiveState !== "failed" && SubState !== "auto-restart") return "changed";
    throw new FailedChange(`${named(unit, scope)} was started and has failed`, {
      output: await logOf(host, unit, scope),
    });
  },
  async unapply(host, unit, scope = {}) {
    if (isAtRest(await stateOf(host, unit, scope))) return "unchanged";
    await act(host, "stop", unit, scope);
    return "changed";
  },
});

/** The unit is not active; one that does not exist is not either. */
export const stopped = posixProperty<OneUnit>("systemd.stopped", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} stopped`,
  check: async (host, unit, scope = {}) => isAtRest(await stateOf(host, unit, scope)),
  async apply(host, unit, scope = {}) {
    await act(host, "stop", unit, scope);
    return "changed";
  },
});

/** The unit has been started anew, unless services are not started on the host. For `onChange`. */
export const restarted = posixProperty<OneUnit>("systemd.restarted", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} restarted`,
  async apply(host, unit, scope = {}) {
    if (!(await mayStartUnit(host, unit, scope))) return "unchanged";
    await assertRuns(host, scope);
    await act(host, "restart", unit, scope);
    return "changed";
  },
});

/** The unit, if it is active, has read its configuration anew. For `onChange`. */
export const reloaded = posixProperty<OneUnit>("systemd.reloaded", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} reloaded`,
  async apply(host, unit, scope = {}) {
    if (!isActive(await stateOf(host, unit, scope))) return "unchanged";
    await act(host, "reload", unit, scope);
    return "changed";
  },
});

/** States of units that cannot be enabled: other units start them. */
const needNoEnabling = ["static", "indirect", "generated", "transient"];

/**
 * The unit is started at boot, or when whatever it says comes to pass. Unapplied: it is not, unless
 * other units start it. Also for where systemd does not run, such as in a chroot.
 */
export const enabled = posixProperty<OneUnit>("systemd.enabled", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} enabled`,
  async check(host, unit, scope = {}) {
    const state = (await installationOf(host, unit, scope)) ?? "";
    if (state === "enabled-runtime") return "partly";
    return ["enabled", "alias", ...needNoEnabling].includes(state);
  },
  async apply(host, unit, scope = {}) {
    await act(host, "enable", unit, scope);
    return "changed";
  },
  async unapply(host, unit, scope = {}) {
    const state = (await installationOf(host, unit, scope)) ?? "";
    if (needNoEnabling.includes(state)) return "unchanged";
    await act(host, "disable", unit, scope);
    return "changed";
  },
});

/** The unit is not started by itself; one that does not exist is not either. */
export const disabled = posixProperty<OneUnit>("systemd.disabled", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} disabled`,
  async check(host, unit, scope = {}) {
    const state = await installationOf(host, unit, scope);
    return !["enabled", "enabled-runtime", "alias"].includes(state ?? "");
  },
  async apply(host, unit, scope = {}) {
    await act(host, "disable", unit, scope);
    return "changed";
  },
});

/** The unit cannot be started at all. Unapplied: it can. One that runs goes on running. */
export const masked = posixProperty<OneUnit>("systemd.masked", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} masked`,
  check: async (host, unit, scope = {}) => (await installationOf(host, unit, scope)) === "masked",
  async apply(host, unit, scope = {}) {
    await act(host, "mask", unit, scope);
    return "changed";
  },
  async unapply(host, unit, scope = {}) {
    await act(host, "unmask", unit, scope);
    return "changed";
  },
});

/** The unit is enabled and active. Unapplied: neither. */
export const enabledAndStarted = propList("systemd.enabledAndStarted", {
  args: oneUnit,
  desc: (unit, scope) => `${named(unit, scope)} enabled and started`,
  props: (...[unit, scope]: OneUnit) => [enabled(unit, scope), started(unit, scope)],
});
