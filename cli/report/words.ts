import { printable } from "../../engine/base/index.js";
import type { RunOutline } from "../../engine/journal/index.js";
import { several } from "../render/words.js";

/** What was asked for, e.g. `deploy web1`. */
export function commandInWords({ command }: Pick<RunOutline, "command">): string {
  return [command.name, ...command.words].map(printable).join(" ");
}

/** How long the run took, or has until now. */
export function tookMs(run: RunOutline, now = new Date()): number {
  const until = run.endedAt ?? (run.state === "running" ? now : run.lastAt);
  return Math.max(0, until.getTime() - run.begunAt.getTime());
}

/** `running`; `interrupted`; `ended`, and with which exit code if it is not 0 */
export function stateInWords({ state, exitCode }: RunOutline): string {
  return exitCode ? `${state}, exit code ${exitCode}` : state;
}

/** `2026-11-21 19:33`, where this process is */
export function localTime(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `5 min ago` */
export function ago(date: Date, now = new Date()): string {
  const minutes = Math.floor((now.getTime() - date.getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${several(Math.floor(minutes / 60 / 24), "day")} ago`;
}
