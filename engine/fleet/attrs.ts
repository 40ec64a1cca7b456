import { z } from "zod";
import { type Hostattr, Hostattrs, hostattr, type PreparedHost } from "../model/index.js";
/** A tag, or what a limit is counted by. */
export const tagName: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/, "expected letters, digits, _ and -");

/** What hosts are chosen by, besides their names. All count. */
export const tagsAttr: Hostattr<string> = hostattr("tags", tagName);

/** Of the hosts that say the key, at most so many are deployed at once. All count. */
export const limitsAttr: Hostattr<readonly [key: string, hosts: number]> = hostattr(
  "limits",
  z.tuple([tagName, z.int().min(1)]),
);

/** What limits how many hosts are deployed at once, this one being among them. */
export function limitsOf({ hostattrs }: PreparedHost): readonly (readonly [string, number])[] {
  return new Hostattrs(hostattrs).get(limitsAttr);
}

/** The tags that the host has. */
export function tagsOf({ hostattrs }: PreparedHost): readonly string[] {
  return new Hostattrs(hostattrs).get(tagsAttr);
}
