import { InvalidArgumentError } from "commander";

/** A number of hosts, or a part of all of them. */
export type Share = { readonly count: number } | { readonly percent: number };

/** The share that the word says: `3`, `10%`. @throws InvalidArgumentError */
export function readShare(word: string): Share {
  const [, digits = "", sign] = /^(\d{1,6})(%?)$/.exec(word) ?? [];
  const number = Number(digits);
  if (digits === "" || (sign && number > 100)) {
    throw new InvalidArgumentError("expected a number of hosts, or a percentage");
  }
  return sign ? { percent: number } : { count: number };
}

/** How many of so many hosts it is, rounded down. */
export function shareOf(share: Share, hosts: number): number {
  return "count" in share ? share.count : Math.floor((share.percent / 100) * hosts);
}
