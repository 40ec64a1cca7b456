/** Looking an account up in the root directory that this process has by now, and becoming it. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { reasonOf } from "../../core/index.js";
import { HopFailed } from "../../engine/index.js";
import { paths } from "./searchPath.js";

/** An account, in numbers. */
export interface Login {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All its groups, also the first. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** The account of that name. @throws HopFailed when there is none */
export function lookUpLogin(user: string): Login {
  const entry = entryOf("passwd", user);
  const [name = "", , uid, gid, , home = "/"] = entry?.split(":") ?? [];
  if (!entry || name !== user) throw new HopFailed(`there is no user ${user}`);
  return { name, uid: Number(uid), gid: Number(gid), groups: groupsOf(user, Number(gid)), home };
}

/** The account of uid 0, also in a tree that knows no accounts at all. */
export function lookUpSuperuser(): Login {
  const home = entryOf("passwd", "root")?.split(":")[5] ?? "/";
  return { name: "root", uid: 0, gid: 0, groups: [0], home };
}

/** This process has the account's environment, and nothing of what it had before but TERM. */
export function logIn({ name, uid, home }: Login): void {
  const { TERM } = process.env;
  for (const variable of Object.keys(process.env)) delete process.env[variable];
  Object.assign(process.env, {
    USER: name,
    LOGNAME: name,
    HOME: home,
    SHELL: "/bin/sh",
    PATH: uid === 0 ? paths.superuser : paths.user,
    ...(TERM === undefined ? {} : { TERM }),
  });
  goHome(home);
}

function goHome(home: string): void {
  try {
    process.chdir(home);
  } catch {
    process.chdir("/");
  }
}

/** An entry of a database of accounts. Not all of them are files, so getent is asked if it is there. */
function entryOf(database: "passwd", key: string): string | undefined {
  const { error, stdout } = getent(database, key);
  const lines = error ? linesOf(`/etc/${database}`) : stdout.split("\n");
  return lines.find((line) => line.startsWith(`${key}:`));
}

function groupsOf(user: string, first: number): readonly number[] {
  const { status, stdout } = getent("initgroups", user);
  const further =
    status === 0
      ? stdout.trim().split(/\s+/).slice(1)
      : linesOf("/etc/group").flatMap((line) => {
          const [, , gid = "", members = ""] = line.split(":");
          return members.split(",").includes(user) ? [gid] : [];
        });
  return [...new Set([first, ...further.map(Number)])];
}

function getent(...words: readonly string[]) {
  const env = { PATH: paths.superuser };
  return spawnSync("getent", words, { encoding: "utf8", env });
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** @throws HopFailed unless this process is uid 0 */
export function needUid0(hop: string): void {
  if (process.geteuid?.() === 0) return;
  throw new HopFailed(`${hop} needs uid 0`, { hint: "add sudo() to the chain before it" });
}

/** What the work gives. @throws HopFailed, whatever went wrong */
export function asHop<T>(description: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const text = reasonOf(error);
    const hint = error instanceof HopFailed ? error.hint : undefined;
    const facts = hint === undefined ? {} : { hint };
    throw new HopFailed(`${description}: ${text}`, facts, { cause: error });
  }
}
