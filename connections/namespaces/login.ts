/** Looking an account up in the root directory that this process has by now, and becoming it. */

import { spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { reasonOf } from "../../core/index.js";
import { HopFailed, printable } from "../../engine/index.js";
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

/** The account of that name. @throws HopFailed when there is none, or what is said of it makes no sense */
export function lookUpLogin(user: string): Login {
  const entry = entryOf(user);
  if (entry === undefined) throw new HopFailed(`there is no user ${user}`);
  const fields = entry.split(":");
  if (fields.length !== 7) throw senseless("passwd", entry);
  const [name = "", , uid = "", gid = "", , home = ""] = fields;
  const first = idIn(gid, "passwd", entry);
  const groups = groupsOf(user, first);
  return { name, uid: idIn(uid, "passwd", entry), gid: first, groups, home: home || "/" };
}

/** The account of uid 0, also in a tree that knows no accounts at all. */
export function lookUpSuperuser(): Login {
  const home = entryOf("root")?.split(":")[5] || "/";
  return { name: "root", uid: 0, gid: 0, groups: [0], home };
}

/**
 * The number of an account or group. Nothing else than a plain decimal number is one: what other
 * programs make of it would be another account, and the greatest number means to the kernel that
 * nothing changes.
 */
function idIn(text: string, database: string, line: string): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text) || Number(text) >= 0xffffffff) {
    throw senseless(database, line);
  }
  return Number(text);
}

function senseless(database: string, line: string): HopFailed {
  const shown = JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}…` : line);
  return new HopFailed(`the line ${printable(shown)} of ${database} makes no sense`, {
    hint: "mend it in the tree or container: the fields are those of passwd(5) or group(5)",
  });
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

/**
 * The account's entry. Not all accounts are in a file, so getent is asked if it is there. It is the
 * tree's own, and may say anything, or nothing for ever.
 */
function entryOf(user: string): string | undefined {
  const said = getent("passwd", user);
  const lines = said === undefined ? linesOf("/etc/passwd") : said.split("\n");
  return lines.find((line) => line.startsWith(`${user}:`));
}

function groupsOf(user: string, first: number): readonly number[] {
  const said = getent("initgroups", user);
  const further = said ? inSaid(said) : inFile(user);
  const all = [...new Set([first, ...further])];
  if (all.length > mostGroups) throw new HopFailed(`${user} is in more than ${mostGroups} groups`);
  return all;
}

/** As many as a process is given at most; the kernel would take more, which nobody has. */
const mostGroups = 1024;

function inSaid(line: string): readonly number[] {
  const [, ...ids] = line.trim().split(/\s+/);
  return ids.map((id) => idIn(id, "group", line.trim()));
}

function inFile(user: string): readonly number[] {
  return linesOf("/etc/group").flatMap((line) => {
    const fields = line.split(":");
    if (!fields[3]?.split(",").includes(user)) return [];
    if (fields.length !== 4) throw senseless("group", line);
    return [idIn(fields[2] ?? "", "group", line)];
  });
}

/** What it prints; undefined where there is none. @throws HopFailed when it does not end */
function getent(...words: readonly string[]): string | undefined {
  const { error, stdout } = spawnSync("getent", words, {
    encoding: "utf8",
    env: { PATH: paths.superuser },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000,
    killSignal: "SIGKILL",
    maxBuffer: mostBytes,
  });
  if (!error) return stdout;
  if ("code" in error && ["ENOENT", "EACCES", "ENOEXEC"].includes(String(error.code))) {
    return undefined;
  }
  throw new HopFailed(`getent ${words.join(" ")} there: ${reasonOf(error)}`);
}

const mostBytes = 4 * 1024 * 1024;

/** The file's lines. What is no plain file would keep us waiting. @throws HopFailed */
function linesOf(file: string): readonly string[] {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    if (!fstatSync(fd).isFile()) throw new HopFailed(`${file} is no plain file there`);
    const bytes = Buffer.alloc(mostBytes + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got) {
      got = readSync(fd, bytes, length, bytes.length - length, null);
    }
    if (length > mostBytes) throw new HopFailed(`${file} is larger than ${mostBytes} bytes there`);
    return bytes.toString("utf8", 0, length).split("\n");
  } finally {
    closeSync(fd);
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
