import { type LookingHost, type PosixHost, sh, type Words } from "../../engine/index.js";
import { entryOf, groupsOf } from "./entries.js";

/** What an account is to be like. What is left out is as the host likes it. */
export interface AccountOptions {
  readonly uid?: number;
  /** Number of the primary group, which is made, with the account's name, if there is none. */
  readonly gid?: number;
  /** Name of the primary group, which exists. */
  readonly group?: string;
  /** Home directory. A new one is made (not for system accounts); when it changes, no file moves. */
  readonly home?: string;
  readonly shell?: string;
  /** The person's name, or what the account is for. */
  readonly comment?: string;
  /** Groups it is in besides. It may be in others. */
  readonly groups?: readonly string[];
  /** A new account gets its number from those for the system's own, and no home directory. */
  readonly system?: boolean;
  /** When unapplied, the home directory goes too. */
  readonly removeHome?: boolean;
}

/** What there is of an account. */
export interface Account {
  readonly passwd: readonly string[] | undefined;
  /** The number of the group that is to be its primary one. */
  readonly gid: string | undefined;
  readonly groups: readonly string[];
}

/** The account, as far as the options need it. */
export async function lookAtAccount(
  host: LookingHost,
  user: string,
  { gid, group, groups }: AccountOptions,
): Promise<Account> {
  const [passwd, primary, own] = await Promise.all([
    entryOf(host, "passwd", user),
    group === undefined ? undefined : entryOf(host, "group", group),
    groups === undefined ? [] : groupsOf(host, user),
  ]);
  return { passwd, gid: gid === undefined ? primary?.[2] : String(gid), groups: own };
}

/** What usermod is to be told: nothing for an account that is as the options say. */
export function accountDifferences(account: Account, options: AccountOptions): Words {
  const [, , uid, gid, comment, home, shell] = account.passwd ?? [];
  const missing = options.groups?.filter((group) => !account.groups.includes(group)) ?? [];
  const differs = (is: string | undefined, wanted: string | number | undefined) =>
    wanted !== undefined && is !== String(wanted);
  return [
    ...(differs(uid, options.uid) ? ["--uid", String(options.uid)] : []),
    ...(differs(gid, account.gid ?? options.group) ? ["--gid", primaryGroup(options)] : []),
    ...(differs(comment, options.comment) ? ["--comment", options.comment ?? ""] : []),
    ...(differs(home, options.home) ? ["--home", options.home ?? ""] : []),
    ...(differs(shell, options.shell) ? ["--shell", options.shell ?? ""] : []),
    ...(missing.length > 0 ? ["--append", "--groups", missing.join(",")] : []),
  ];
}

/** The account is made, or made as the options say. */
export async function makeAccount(
  host: PosixHost,
  user: string,
  options: AccountOptions,
): Promise<void> {
  const [account, ownGroup] = await Promise.all([
    lookAtAccount(host, user, options),
    entryOf(host, "group", user),
  ]);
  await makeGroup(host, user, options, account, ownGroup);
  const words = accountDifferences(account, options);
  if (account.passwd) {
    await host.run(sh`usermod ${words} -- ${user}`);
    return;
  }
  const takesGroup = options.gid === undefined && options.group === undefined && ownGroup;
  const further = takesGroup ? ["--gid", user] : [];
  const home = options.system ? "--system" : "--create-home";
  await host.run(
    sh`useradd ${home} ${further} ${words.filter((word) => word !== "--append")} -- ${user}`,
  );
}

/** There is a group with the number that the account's is to have: if need be its own gets it. */
async function makeGroup(
  host: PosixHost,
  user: string,
  { gid }: AccountOptions,
  { passwd }: Account,
  ownGroup: readonly string[] | undefined,
): Promise<void> {
  if (gid === undefined || (await entryOf(host, "group", gid))) return;
  if (!ownGroup) {
    await host.run(sh`groupadd --gid ${gid} -- ${user}`);
    return;
  }
  await host.run(sh`groupmod --gid ${gid} -- ${user}`);
  const [, , , , , home] = passwd ?? [];
  if (!home) return;
  // find works from within each directory, since the user could put a link in its place meanwhile.
  const inHome = ["find", home, "-xdev", "-gid", ownGroup[2] ?? ""];
  await host.run([...inHome, "-execdir", "chgrp", "-h", "--", String(gid), "{}", "+"]);
}

function primaryGroup({ gid, group }: AccountOptions): string {
  return gid === undefined ? (group ?? "") : String(gid);
}
