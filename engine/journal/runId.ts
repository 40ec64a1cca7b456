import { randomInt } from "node:crypto";

/** Digits and letters in the order of their codes, without those that look like another. */
const letters = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A name for a run that begins now, e.g. `20261121-193300-k3f`: the time in UTC, down to the
 * millisecond, so that names sort by time, and one letter by chance.
 */
export function newRunId(now = new Date()): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  const ms = now.getUTCMilliseconds();
  const tail = [ms >> 5, ms & 31, randomInt(letters.length)].map((at) => letters.charAt(at));
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${tail.join("")}`;
}

/** Whether the word can be the name of a run. */
export function isRunId(word: string): boolean {
  return /^\d{8}-\d{6}-[0-9a-z]{3}$/.test(word);
}
