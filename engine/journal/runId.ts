import { randomInt } from "node:crypto";

/** Digits and letters in the order of their codes, without those that look like another. */
const letters = "0123456789abcdefghjkmnpqrstvwxyz";

/** When this process last began a run. */
let latest = 0;

/** Now, or the millisecond after the latest run of this process: two that begin at once are in order, too. */
function nextMoment(): Date {
  latest = Math.max(Date.now(), latest + 1);
  return new Date(latest);
}

/**
 * A name for a run that begins now, e.g. `20261121-193300-k3f`: the time in UTC, down to the
 * millisecond, so that names sort by time, and one letter by chance.
 */
export function newRunId(now = nextMoment()): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  const ms = now.getUTCMilliseconds();
  const tail = [ms >> 5, ms & 31, randomInt(letters.length)].map((at) => letters.charAt(at));
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${tail.join("")}`;
}

/** Whether the word can be the name of a run. */
export function isRunId(word: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-z]{3}$/.test(word);
}
