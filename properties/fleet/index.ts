/** What a consfig says of hosts for the sake of fleets: tags and limits. */
import { z } from "zod";
import { limitsAttr, posixProperty, tagName, tagsAttr } from "../../engine/index.js";

/** The host has the tags: `consfig deploy @web` is for all hosts with the tag `web`. */
export const tagged = posixProperty<[...tags: string[]]>("fleet.tagged", {
  args: z.tuple([tagName]).rest(tagName),
  desc: (...tags) => `tagged ${tags.join(", ")}`,
  hostattrs: (attrs, ...tags) => attrs.pushNew(tagsAttr, ...tags),
});

/**
 * Of the hosts that say the key, at most so many are deployed at once: all that are behind one
 * bastion, or in one rack.
 *
 * @example fleet.limit({ bastion: 10, rack1: 1 })
 */
export const limit = posixProperty<[limits: { readonly [key: string]: number }]>("fleet.limit", {
  args: z.tuple([
    z
      .record(tagName, z.int().min(1))
      .refine((limits) => Object.keys(limits).length > 0, "expected a key and a number of hosts"),
  ]),
  desc: (limits) =>
    Object.entries(limits)
      .map(([key, hosts]) => `at most ${hosts} of ${key} at once`)
      .join(", "),
  hostattrs: (attrs, limits) => attrs.pushNew(limitsAttr, ...Object.entries(limits)),
});
