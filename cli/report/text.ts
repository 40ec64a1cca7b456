import { printable } from "../../engine/base/index.js";
import type { Run } from "../../engine/journal/index.js";
import type { Paint } from "../render/paint.js";
import { duration, several } from "../render/words.js";
import { type FailureGroup, failureGroups, slowestHosts, slowestItems } from "./analysis.js";
import { totalsInWords } from "./totals.js";
import { ago, commandInWords, localTime, stateInWords, tookMs } from "./words.js";

const mostGroups = 10;
const mostHosts = 8;
const mostSlow = 5;

/** A run in a few lines, for a terminal. */
export function textReport(run: Run, paint: Paint): string {
  const row = (name: string, text: string) => `  ${paint.faint(name.padEnd(10))} ${text}`;
  const began = `${localTime(run.begunAt)}, ${ago(run.begunAt)}`;
  const lines = [
    `${paint.strong(`run ${run.id}`)}  ${stateInWords(run)}`,
    row("command", commandInWords(run)),
    row("consfig", printable(run.consfig)),
    row("began", began),
    row("took", duration(tookMs(run))),
    row("hosts", totalsInWords(run)),
    ...(run.stopped === undefined ? [] : [row("stopped", printable(run.stopped))]),
    ...run.notes.map((note) => row("note", printable(note))),
    ...run.damage.map((damage) => row("damage", paint.bad(`${damage} of the journal`))),
    ...failureLines(failureGroups(run), paint),
    ...slowLines(run, paint),
  ];
  return `${lines.join("\n")}\n`;
}

function failureLines(groups: readonly FailureGroup[], paint: Paint): readonly string[] {
  if (groups.length === 0) return [];
  const shown = groups.slice(0, mostGroups).flatMap(({ code, property, occurrences }) => {
    const names = [...new Set(occurrences.map(({ host }) => printable(host)))];
    const more = names.length - mostHosts;
    const hosts = [...names.slice(0, mostHosts), ...(more > 0 ? [`and ${more} more`] : [])];
    const message = printable(occurrences[0]?.error.message.split("\n")[0] ?? "");
    return [
      `  ${paint.bad(printable(code))}  ${property ? `${printable(property)}  ` : ""}${several(names.length, "host")}`,
      `    ${message}`,
      `    ${paint.faint(hosts.join(", "))}`,
    ];
  });
  const more = groups.length - mostGroups;
  const rest = more > 0 ? [`  and ${several(more, "more sort")} of failures`] : [];
  return ["", "failures", ...shown, ...rest];
}

function slowLines(run: Run, paint: Paint): readonly string[] {
  const time = (ms: number) => duration(ms).padStart(8);
  const hosts = slowestHosts(run, mostSlow).map(
    ({ host, durationMs = 0 }) => `  ${time(durationMs)}  ${printable(host)}`,
  );
  const items = slowestItems(run, mostSlow).map(({ item, sumMs, hosts, longestMs }) => {
    const each = `${several(hosts, "host")}, at most ${duration(longestMs)}`;
    return `  ${time(sumMs)}  ${printable(item.desc)}  ${paint.faint(each)}`;
  });
  return [
    ...(hosts.length > 0 ? ["", "slowest hosts", ...hosts] : []),
    ...(items.length > 0 ? ["", "slowest properties, all hosts together", ...items] : []),
  ];
}
