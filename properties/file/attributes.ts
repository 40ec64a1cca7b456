import { z } from "zod";
import {
  AbortedChange,
  type FileStat,
  type LookingHost,
  posixProperty,
} from "../../engine/index.js";
import { absolutePath, account, hasAttributes, mode } from "./arguments.js";

const owner = z
  .strictObject({ user: account.exactOptional(), group: account.exactOptional() })
  .refine(
    ({ user, group }) => user !== undefined || group !== undefined,
    "expected a user, a group or both",
  );

/** Who something belongs to, by name or number. */
export interface Owner {
  readonly user?: string | number;
  readonly group?: string | number;
}

/** What is at the path, which is no symlink, has that mode: `0o640`. */
export const hasMode = posixProperty<[path: string, mode: number]>("file.hasMode", {
  args: z.tuple([absolutePath, mode]),
  desc: (path, mode) => `${path} has mode ${mode.toString(8).padStart(4, "0")}`,
  async check(host, path, mode) {
    const stat = await host.stat(path);
    return stat?.type !== "symlink" && stat?.mode === mode;
  },
  async apply(host, path, mode) {
    const { type, target } = await existing(host, path);
    if (type === "symlink") {
      throw new AbortedChange(`${path} is a symlink`, { hint: `name what it leads to: ${target}` });
    }
    await host.setMode(path, mode);
    return "changed";
  },
});

/**
 * What is at the path belongs to that user, group, or both; a symlink itself, not what it leads to.
 * Needs uid 0. Set-id bits that a file had are gone when its owner changes.
 */
export const hasOwnership = posixProperty<[path: string, owner: Owner]>("file.hasOwnership", {
  args: z.tuple([absolutePath, owner]),
  desc: (path, { user, group }) =>
    `${path} belongs to ${[user, group && `group ${group}`].filter(Boolean).join(" and ")}`,
  async check(host, path, owner) {
    const stat = await host.stat(path);
    return stat !== undefined && hasAttributes(stat, owner);
  },
  async apply(host, path, owner) {
    await existing(host, path);
    await host.setOwner(path, owner);
    return "changed";
  },
});

async function existing(host: LookingHost, path: string): Promise<FileStat> {
  const stat = await host.stat(path);
  if (stat) return stat;
  throw new AbortedChange(`nothing is at ${path}`);
}
