import { InvalidArgumentError } from "commander";

/** A number of hosts, or a part of all of them. */
export type Share = { readonly count: number } | { readonly percent: number };

/** The share that the word says: `3`, `10%`; undefined if it says none. */
export function shareIn(word: string): Share | undefined {
  const [, digits = "", sign] = /^(\d{1,6})(%?)$/.exec(word) ?? [];
  const number = Number(digits);
  if (digits === "" || (sign && number > 100)) return undefined;
  return sign ? { percent: number } : { count: number };
}

/** As {@link shareIn}. @throws InvalidArgumentError if it says none */
export function readShare(word: string): Share {
  const share = shareIn(word);
  if (share) return share;
  throw new InvalidArgumentError("expected a number of hosts, or a percentage");
}

/** How many of so many hosts it is, rounded down. */
export function shareOf(share: Share, hosts: number): number {
  return "count" in share ? share.count : Math.floor((share.percent / 100) * hosts);
}
