/** Groups of users. */
import { z } from "zod";
import { posixProperty, sh } from "../../engine/index.js";
import { accountName, entryOf, idNumber } from "../user/shared.js";

const options = z.strictObject({
  gid: idNumber.exactOptional(),
  system: z.boolean().exactOptional(),
});

/** What a group is to be like. */
export interface GroupOptions {
  /** Its number. Files keep theirs when it changes. */
  readonly gid?: number;
  /** A new group gets its number from those for the system's own. */
  readonly system?: boolean;
}

/** There is a group of that name. Unapplied: there is none. */
export const exists = posixProperty<[name: string, options?: GroupOptions]>("group.exists", {
  args: z.tuple([accountName, options.exactOptional()]),
  desc: (name) => `group ${name}`,
  async check(host, name, { gid } = {}) {
    const group = await entryOf(host, "group", name);
    if (!group) return false;
    return gid === undefined || group[2] === String(gid) || "partly";
  },
  async apply(host, name, { gid, system } = {}) {
    const numbered = gid === undefined ? [] : ["--gid", gid];
    const there = await entryOf(host, "group", name);
    if (there) await host.run(sh`groupmod ${numbered} -- ${name}`);
    else await host.run(sh`groupadd ${system ? ["--system"] : []} ${numbered} -- ${name}`);
    return "changed";
  },
  async unapply(host, name) {
    await host.run(sh`groupdel -- ${name}`);
    return "changed";
  },
});

/**
 * The users are in the group, be it as their primary one. Unapplied: those for whom it is not the
 * primary one are not in it. Others in the group stay. Needs gpasswd.
 */
export const hasMembers = posixProperty<[group: string, ...users: string[]]>("group.hasMembers", {
  args: z.tuple([accountName]).rest(accountName),
  desc: (group, ...users) => `${users.join(", ")} in group ${group}`,
  async check(host, group, ...users) {
    const [entry, ...accounts] = await Promise.all([
      entryOf(host, "group", group),
      ...users.map((user) => entryOf(host, "passwd", user)),
    ]);
    const members = entry?.[3]?.split(",") ?? [];
    const isIn = users.map((user, i) => members.includes(user) || accounts[i]?.[3] === entry?.[2]);
    return isIn.every(Boolean) || (isIn.some(Boolean) && "partly");
  },
  async apply(host, group, ...users) {
    for (const user of users) await host.run(sh`gpasswd --add ${user} -- ${group}`);
    return "changed";
  },
  async unapply(host, group, ...users) {
    const members = (await entryOf(host, "group", group))?.[3]?.split(",") ?? [];
    const gone = users.filter((user) => members.includes(user));
    for (const user of gone) await host.run(sh`gpasswd --delete ${user} -- ${group}`);
    return gone.length > 0 ? "changed" : "unchanged";
  },
});
