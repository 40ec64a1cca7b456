import { type LookingHost, type PosixHost, sh, type Words } from "../../engine/index.js";
import { entryOf, groupsOf } from "./accounts.js";

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
    groups === undefined ? [] : groupsOf(host, user).catch(() => []),
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

/** The command that makes the account, or makes it as the options say. */
export async function accountCommand(
  host: PosixHost,
  user: string,
  options: AccountOptions,
): Promise<Words> {
  const [account, ownGroup] = await Promise.all([
    lookAtAccount(host, user, options),
    entryOf(host, "group", user),
  ]);
  if (options.gid !== undefined && !(await entryOf(host, "group", options.gid))) {
    const command = ownGroup ? "groupmod" : "groupadd";
    await host.run(sh`${command} --gid ${options.gid} -- ${user}`);
  }
  if (account.passwd) return sh`usermod ${accountDifferences(account, options)} -- ${user}`;
  const isOwn = options.gid === undefined && options.group === undefined && ownGroup;
  const words = accountDifferences({ ...account, passwd: undefined }, options);
  return [
    "useradd",
    ...(options.system ? ["--system"] : ["--create-home"]),
    ...(isOwn ? ["--gid", user] : []),
    ...words.filter((word) => word !== "--append"),
    "--",
    user,
  ];
}

function primaryGroup({ gid, group }: AccountOptions): string {
  return gid === undefined ? (group ?? "") : String(gid);
}
