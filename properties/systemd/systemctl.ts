import { z } from "zod";
import {
  AbortedChange,
  CommandFailed,
  isError,
  type LookingHost,
  lastLines,
  type PosixHost,
  script,
  type Words,
} from "../../engine/index.js";
import { mayStart } from "../service/shared.js";
import { accountName } from "../user/shared.js";
/** The schema of a unit's name; without a suffix it is a service's. None is taken for an option. */
export const unitName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_.:@\\][A-Za-z0-9_.:@\\-]*$/, "expected the name of a unit");

/** Whose units are meant. */
export interface Scope {
  /** The user whose own systemd, which must be running, is meant instead of the system's. */
  readonly user?: string;
}

/** The schema of {@link Scope}. */
export const scopeSchema = z.strictObject({ user: accountName.exactOptional() });

/** What systemd says of a unit. None of it is known where it does not run. */
export interface UnitState {
  readonly ActiveState?: string;
  readonly SubState?: string;
  readonly NeedDaemonReload?: string;
}

/** Errors and states are read, so they must be in English. */
const english = { LC_ALL: "C.UTF-8", LANGUAGE: "en" };

/** The command that tells the system's or the user's systemd something. */
export function systemctl({ user }: Scope, words: Words): Words {
  if (user === undefined) return ["systemctl", ...words];
  return script`uid=$(id -u -- ${user}) && gid=$(id -g -- ${user}) || exit 1
unset DBUS_SESSION_BUS_ADDRESS
XDG_RUNTIME_DIR=/run/user/$uid; export XDG_RUNTIME_DIR
if [ "$(id -u)" = "$uid" ]; then exec systemctl --user ${words}; fi
exec setpriv --reuid "$uid" --regid "$gid" --init-groups --reset-env \
  env XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" systemctl --user ${words}`;
}

/** What systemd says of the unit. */
export async function stateOf(host: LookingHost, unit: string, scope: Scope): Promise<UnitState> {
  const properties = "--property=ActiveState,SubState,NeedDaemonReload";
  const words = systemctl(scope, ["show", properties, "--", unit]);
  const { lines } = await host.query(words, { mayFail: true, env: english });
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/, 2)));
}

/** Whether the unit is active. */
export function isActive({ ActiveState }: UnitState): boolean {
  return ActiveState === "active" || ActiveState === "reloading" || ActiveState === "refreshing";
}

/** Whether the unit is neither active nor about to be; one that does not exist is at rest. */
export function isAtRest({ ActiveState = "inactive" }: UnitState): boolean {
  return ActiveState === "inactive" || ActiveState === "failed";
}

/**
 * How the unit is installed, in systemd's words: `enabled`, `static`, `masked`, …; undefined if there
 * is no such unit. Known also where systemd does not run.
 *
 * @throws AbortedChange when a user's systemd is not there to be asked
 */
export async function installationOf(
  host: LookingHost,
  unit: string,
  scope: Scope,
): Promise<string | undefined> {
  const words = systemctl(scope, ["is-enabled", "--", unit]);
  const { lines, stderr } = await host.query(words, { mayFail: true, env: english });
  const state = lines.at(-1);
  if (state !== undefined) return state === "not-found" ? undefined : state;
  if (scope.user !== undefined && /connect to bus/i.test(stderr)) {
    throw notRunning(host, scope, stderr);
  }
  return undefined;
}

/** Whether units may be started: a user's by all means, the system's unless that is forbidden. */
export async function mayStartUnit(host: LookingHost, unit: string, scope: Scope) {
  return scope.user !== undefined || mayStart(host, unit.replace(/\.service$/, ""));
}

type Verb = "start" | "stop" | "restart" | "reload" | "enable" | "disable" | "mask" | "unmask";

/** systemd is told to do that to the unit. @throws CommandFailed with the end of the unit's log */
export async function act(host: PosixHost, verb: Verb, unit: string, scope: Scope): Promise<void> {
  try {
    await host.run(systemctl(scope, [verb, "--", unit]), { env: english });
  } catch (error) {
    if (!isError(error, CommandFailed)) throw error;
    if (!(await systemdRuns(host, scope))) {
      const isFileWork = /able$|mask$/.test(verb) && scope.user === undefined;
      throw isFileWork ? error : notRunning(host, scope);
    }
    throw new CommandFailed(
      error.message,
      { ...error.facts, output: `${error.facts.output}\n${await logOf(host, unit, scope)}` },
      { cause: error },
    );
  }
}

/** The end of what the unit's status and log say. */
export async function logOf(host: LookingHost, unit: string, scope: Scope): Promise<string> {
  const words = systemctl(scope, ["status", "--no-pager", "--full", "--lines=10", "--", unit]);
  return lastLines((await host.query(words, { mayFail: true, env: english })).stdout);
}

/** Whether the system's or the user's systemd can be told anything. */
export function systemdRuns(host: LookingHost, scope: Scope): Promise<boolean> {
  if (scope.user === undefined) return host.test(["test", "-d", "/run/systemd/system"]);
  return host.test(systemctl(scope, ["show", "--property=Version"]));
}

/** @throws AbortedChange unless the system's or the user's systemd can be told things. */
export async function assertRuns(host: LookingHost, scope: Scope): Promise<void> {
  if (!(await systemdRuns(host, scope))) throw notRunning(host, scope);
}

function notRunning(host: LookingHost, { user }: Scope, output?: string): AbortedChange {
  const whose = user === undefined ? "" : ` of ${user}`;
  return new AbortedChange(`the systemd${whose} does not run on ${host.name}`, {
    hint:
      user === undefined
        ? "service.running does for any init; a chroot can say service.noServices()"
        : `say systemd.lingeringEnabled("${user}") before`,
    ...(output ? { output: lastLines(output) } : {}),
  });
}
