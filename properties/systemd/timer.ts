import { z } from "zod";
import { propList, quoteWords, type Words } from "../../engine/index.js";
import { accountName } from "../user/shared.js";
import { enabledAndStarted } from "./states.js";
import { hasUnit } from "./unitFiles.js";

/** The schema of a span or a time in systemd's words. */
export const oneLine = z.string().regex(/^[^\n\r\0]+$/, "expected one line");

const options = z.strictObject({
  onCalendar: oneLine,
  command: z
    .array(z.string().regex(/^[^\0]*$/))
    .refine(
      ([program = ""]) => /^[A-Za-z0-9_./]/.test(program),
      "expected a program, and its arguments",
    ),
  runAs: accountName.exactOptional(),
  persistent: z.boolean().exactOptional(),
  randomDelay: oneLine.exactOptional(),
});

/** What a timer does, and when. */
export interface TimerOptions {
  /** When, in systemd's words: `daily`, `Mon *-*-* 04:00`, … */
  readonly onCalendar: string;
  /** The words of the command: a program, and each of its arguments exactly as it stands. */
  readonly command: readonly string[];
  /** The user the command runs as; uid 0 by default. */
  readonly runAs?: string;
  /** What was missed while the host was off is made up for. */
  readonly persistent?: boolean;
  /** Each time is later by a random span up to this one: `1h`, `30min`. */
  readonly randomDelay?: string;
}

const timerName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "expected letters, digits, and _ . - after the first");

/**
 * The command is run at the times, by a timer unit with a service unit of its own. Unapplied: it is
 * not, and the units are gone.
 *
 * @example systemd.hasTimer("backup", { onCalendar: "daily", command: ["/usr/local/bin/backup"] })
 */
export const hasTimer = propList("systemd.hasTimer", {
  args: z.tuple([timerName, options]),
  desc: (name, { onCalendar }) => `timer ${name}, ${onCalendar}`,
  props: (...[name, options]: [name: string, options: TimerOptions]) => [
    hasUnit(`${name}.service`, serviceText(name, options)),
    hasUnit(`${name}.timer`, timerText(name, options)),
    enabledAndStarted(`${name}.timer`),
  ],
});

function serviceText(name: string, { command, runAs }: TimerOptions): string {
  const user = runAs === undefined ? "" : `User=${runAs}\n`;
  return `[Unit]
Description=${name}: ${percentless(quoteWords(command)).replace(/\s+/g, " ")}

[Service]
Type=oneshot
${user}ExecStart=${execLine(command)}
`;
}

function timerText(name: string, { onCalendar, persistent, randomDelay }: TimerOptions): string {
  const delay = randomDelay === undefined ? "" : `RandomizedDelaySec=${percentless(randomDelay)}\n`;
  return `[Unit]
Description=${name}, ${percentless(onCalendar)}

[Timer]
OnCalendar=${percentless(onCalendar)}
${persistent ? "Persistent=true\n" : ""}${delay}
[Install]
WantedBy=timers.target
`;
}

/** The words as systemd reads them back: quoted, with nothing in them that it would expand. */
export function execLine(words: Words): string {
  return words
    .map((word) => {
      const text = String(word)
        .replace(/[\\"]/g, "\\$&")
        .replaceAll("\n", "\\n")
        .replaceAll("\r", "\\r")
        .replaceAll("$", "$$$$");
      return `"${percentless(text)}"`;
    })
    .join(" ");
}

function percentless(text: string): string {
  return text.replaceAll("%", "%%");
}
