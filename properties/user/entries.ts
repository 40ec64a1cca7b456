import { z } from "zod";
import {
  asUser,
  FailedChange,
  type LookingHost,
  type Outcome,
  type PosixHost,
  type Propspec,
  sh,
} from "../../engine/index.js";

/** The schema of a user's or group's name: none that a program takes for an option or a number. */
export const accountName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_.$-]?$/, "expected the name of a user or group");

/** The schema of a uid or gid. */
export const idNumber = z.int().min(0).max(4_294_967_294);

/** The fields of an entry of passwd, group or shadow, wherever the host keeps them. */
export async function entryOf(
  host: LookingHost,
  database: "passwd" | "group" | "shadow",
  key: string | number,
): Promise<readonly string[] | undefined> {
  const { exitCode, lines, stderr } = await host.query(sh`getent ${database} ${key}`, {
    mayFail: true,
  });
  if (exitCode === 0) return lines[0]?.split(":");
  if (exitCode === 2) return undefined;
  throw new FailedChange(`getent ${database} does not answer on ${host.name}`, { output: stderr });
}

/** The groups that the user is in, the primary one first. None for a user that is not there. */
export async function groupsOf(host: LookingHost, user: string): Promise<readonly string[]> {
  const { exitCode, lines } = await host.query(sh`id -nG -- ${user}`, { mayFail: true });
  return exitCode === 0 ? lines.join(" ").split(" ") : [];
}

/** The home directory of the user; of the account that commands run as, relative to it. */
export async function homeOf(host: LookingHost, user: string | undefined): Promise<string> {
  const home = await homeIfAny(host, user);
  if (home) return home;
  throw new FailedChange(`there is no user ${user} on ${host.name}`, {
    hint: "say user.hasAccount(…) before",
  });
}

/** Like homeOf; undefined when there is no such user. */
export async function homeIfAny(
  host: LookingHost,
  user: string | undefined,
): Promise<string | undefined> {
  return user === undefined ? "." : (await entryOf(host, "passwd", user))?.[5];
}

/** @throws UnknownDefinition unless things can be done as the user, if one is named */
export function assertAs(user: string | undefined): void {
  if (user !== undefined) asUser(user);
}

/**
 * Does something as the user: `here`, if that is the account commands run as, else by way of the
 * property. Uid 0 must not write where another user could have put a link.
 */
export async function asAccount(
  host: PosixHost,
  direction: "apply" | "unapply",
  user: string | undefined,
  property: Propspec<"posix", true>,
  here: () => Promise<Outcome>,
): Promise<Outcome> {
  if (user === undefined || (await host.account()).name === user) return here();
  await homeOf(host, user); // there is such a user
  return host[direction](asUser(user, property));
}
