import { z } from "zod";
import { FailedChange, type LookingHost, posixProperty, Secret, sh } from "../../engine/index.js";
import { accountName, entryOf } from "./entries.js";

const oneUser = z.tuple([accountName]);

/** The second field of the user's entry in shadow. Only uid 0 can see it. */
async function passwordField(host: LookingHost, user: string): Promise<string | undefined> {
  return (await entryOf(host, "shadow", user))?.[1];
}

/**
 * No password is good for the user, who may log in by other means. Unapplied: the one that was
 * locked is good again. Needs uid 0.
 */
export const hasLockedPassword = posixProperty<[user: string]>("user.hasLockedPassword", {
  args: oneUser,
  desc: (user) => `password of ${user} locked`,
  check: async (host, user) => /^[!*]/.test((await passwordField(host, user)) ?? ""),
  async apply(host, user) {
    await host.run(sh`passwd --quiet --lock -- ${user}`);
    return "changed";
  },
  async unapply(host, user) {
    await host.run(sh`passwd --quiet --unlock -- ${user}`);
    return "changed";
  },
});

/**
 * The user's password is the one whose hash is the prerequisite data (`--user-passwd-hash--HOST`,
 * user), such as `mkpasswd` prints. Needs uid 0.
 */
export const hasPasswordHash = posixProperty<[user: string]>("user.hasPasswordHash", {
  args: oneUser,
  desc: (user) => `password of ${user}`,
  hostattrs: (attrs, user) => attrs.requireData(`--user-passwd-hash--${attrs.hostname}`, user),
  async check(host, user) {
    const [is, wanted] = await Promise.all([passwordField(host, user), hashOf(host, user)]);
    return is === wanted.reveal();
  },
  async apply(host, user) {
    const hash = (await hashOf(host, user)).reveal();
    await host.run(sh`chpasswd --encrypted`, { stdin: new Secret(`${user}:${hash}\n`) });
    return "changed";
  },
});

/**
 * The user has a password. One who has none, or whose is locked, gets the prerequisite data
 * (`--user-passwd--HOST`, user). Needs uid 0.
 */
export const hasEnabledPassword = posixProperty<[user: string]>("user.hasEnabledPassword", {
  args: oneUser,
  desc: (user) => `password of ${user} enabled`,
  hostattrs: (attrs, user) => attrs.requireData(`--user-passwd--${attrs.hostname}`, user),
  check: async (host, user) => /^[^!*]/.test((await passwordField(host, user)) ?? ""),
  async apply(host, user) {
    const item = await host.data(`--user-passwd--${host.name}`, user);
    const password = item
      .asSecret()
      .reveal()
      .replace(/\r?\n$/, "");
    if (!/^[^\n\r\0]+$/.test(password))
      throw new FailedChange(`the password of ${user} is no line`);
    await host.run(sh`chpasswd`, { stdin: new Secret(`${user}:${password}\n`) });
    return "changed";
  },
});

async function hashOf(host: LookingHost, user: string): Promise<Secret> {
  const item = await host.data(`--user-passwd-hash--${host.name}`, user);
  const hash = item.asSecret().reveal().trim();
  if (/^!?[$_][^:\s\0]+$/.test(hash)) return new Secret(hash);
  throw new FailedChange(`the prerequisite data for the password of ${user} is no hash of one`, {
    hint: "it looks like $y$j9T$…; mkpasswd prints one",
  });
}
