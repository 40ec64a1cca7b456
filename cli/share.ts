import { z } from "zod";

/** A number of hosts, or a part of all of them. */
export const shareSchema = z.union([
  z.strictObject({ count: z.int().min(0).max(999_999) }).readonly(),
  z.strictObject({ percent: z.int().min(0).max(100) }).readonly(),
]);

/** See {@link shareSchema}. */
export type Share = z.infer<typeof shareSchema>;

/** The share that the word says: `3`, `10%`; undefined if it says none. */
export function shareIn(word: string): Share | undefined {
  const [, digits = "", sign] = /^(\d{1,6})(%?)$/.exec(word) ?? [];
  const number = Number(digits);
  if (digits === "" || (sign && number > 100)) return undefined;
  return sign ? { percent: number } : { count: number };
}

/** How many of so many hosts it is, rounded down. */
export function shareOf(share: Share, hosts: number): number {
  return "count" in share ? share.count : Math.floor((share.percent / 100) * hosts);
}
