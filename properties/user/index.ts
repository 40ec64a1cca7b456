/** Accounts of users. */
import { z } from "zod";
import { posixProperty, sh } from "../../engine/index.js";
import { type AccountOptions, accountDifferences, lookAtAccount, makeAccount } from "./account.js";
import { accountName, entryOf, groupsOf, idNumber } from "./entries.js";

export type { AccountOptions } from "./account.js";
export { hasEnabledPassword, hasLockedPassword, hasPasswordHash } from "./passwords.js";

/** A field of passwd: it can hold neither a colon nor a newline. */
const field = z.string().regex(/^[^:\n\r\0]*$/, "expected text without a colon or newline");
const absolutePath = field.startsWith("/", "expected an absolute path");

const options = z
  .strictObject({
    uid: idNumber.exactOptional(),
    gid: idNumber.exactOptional(),
    group: accountName.exactOptional(),
    home: absolutePath.exactOptional(),
    shell: absolutePath.exactOptional(),
    comment: field.exactOptional(),
    groups: z.array(accountName).exactOptional(),
    system: z.boolean().exactOptional(),
    removeHome: z.boolean().exactOptional(),
  })
  .refine(({ gid, group }) => gid === undefined || group === undefined, {
    error: "give the primary group as gid or as group",
  });

/**
 * The user has an account that is as the options say. Unapplied: there is none; its home directory
 * stays. Needs useradd, usermod and userdel.
 *
 * @example user.hasAccount("alice", { shell: "/bin/bash", groups: ["sudo"] })
 */
export const hasAccount = posixProperty<[user: string, options?: AccountOptions]>(
  "user.hasAccount",
  {
    args: z.tuple([accountName, options.exactOptional()]),
    desc: (user) => `account ${user}`,
    async check(host, user, options = {}) {
      const account = await lookAtAccount(host, user, options);
      if (!account.passwd) return false;
      return accountDifferences(account, options).length === 0 || "partly";
    },
    async apply(host, user, options = {}) {
      await makeAccount(host, user, options);
      return "changed";
    },
    async unapply(host, user, { removeHome } = {}) {
      await host.run(sh`userdel ${removeHome ? ["--remove"] : []} -- ${user}`);
      return "changed";
    },
  },
);

/**
 * The user is in the groups, and may be in others. Unapplied: it is in none of them but its primary
 * one. Needs usermod and gpasswd.
 */
export const hasGroups = posixProperty<[user: string, ...groups: string[]]>("user.hasGroups", {
  args: z.tuple([accountName]).rest(accountName),
  desc: (user, ...groups) => `${user} in ${groups.join(", ")}`,
  async check(host, user, ...groups) {
    const own = await groupsOf(host, user);
    return (
      groups.every((group) => own.includes(group)) ||
      (groups.some((group) => own.includes(group)) && "partly")
    );
  },
  async apply(host, user, ...groups) {
    await host.run(sh`usermod --append --groups ${groups.join(",")} -- ${user}`);
    return "changed";
  },
  async unapply(host, user, ...groups) {
    const [, ...others] = await groupsOf(host, user);
    const gone = groups.filter((group) => others.includes(group));
    for (const group of gone) await host.run(sh`gpasswd --delete ${user} -- ${group}`);
    return gone.length > 0 ? "changed" : "unchanged";
  },
});

const desktopGroups =
  "audio cdrom dip floppy video plugdev netdev scanner bluetooth debian-tor lpadmin".split(" ");

/** The user is in those groups, of the usual ones for who sits at a desktop, that the host has. */
export const hasDesktopGroups = posixProperty<[user: string]>("user.hasDesktopGroups", {
  args: z.tuple([accountName]),
  desc: (user) => `${user} in the groups for desktop users`,
  async check(host, user) {
    const [existing, own] = await Promise.all([host.query(sh`getent group`), groupsOf(host, user)]);
    const names = existing.lines.map((line) => line.split(":")[0] ?? "");
    return desktopGroups.every((group) => !names.includes(group) || own.includes(group));
  },
  async apply(host, user) {
    const { lines } = await host.query(sh`getent group`);
    const names = lines.map((line) => line.split(":")[0] ?? "");
    const existing = desktopGroups.filter((group) => names.includes(group));
    return host.apply(hasGroups(user, ...existing));
  },
});

/** The user's login shell is that program. */
export const hasLoginShell = posixProperty<[user: string, shell: string]>("user.hasLoginShell", {
  args: z.tuple([accountName, absolutePath]),
  desc: (user, shell) => `${user} has the shell ${shell}`,
  check: async (host, user, shell) => (await entryOf(host, "passwd", user))?.[6] === shell,
  async apply(host, user, shell) {
    await host.run(sh`usermod --shell ${shell} -- ${user}`);
    return "changed";
  },
});
