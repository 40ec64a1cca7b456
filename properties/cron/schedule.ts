import { z } from "zod";

const field = /[0-9A-Za-z*/,-]+/.source;

/** The schema of when a job runs: five fields, or a word like `@daily`. */
export const when = z
  .string()
  .regex(
    new RegExp(
      `^(@(reboot|hourly|daily|weekly|monthly|yearly|annually|midnight)|(${field}[ \\t]+){4}${field})$`,
    ),
    "expected five fields like `0 4 * * Mon`, or @daily and the like",
  );

/** The schema of a job's name: one line, in which there is something to see. */
export const jobName = z
  .string()
  .max(80)
  .regex(/^[^\n\r\0]*\S[^\n\r\0]*$/, "expected one line");

/** The schema of shell text that fits in one line. */
export const command = z
  .string()
  .regex(/^[^\n\r\0]*\S[^\n\r\0]*$/, "expected one line of shell text");

/** Shell text as a crontab has it, where a bare percent sign would end it. */
export function inCrontab(text: string): string {
  return text.replaceAll("%", "\\%");
}
