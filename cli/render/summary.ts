import { Cancelled, ConnectionFailed, isError } from "../../engine/errors.js";
import type { Counts, DeploymentReport } from "../../engine/index.js";
import { printable } from "../../engine/printable.js";
import type { LogOptions } from "./log.js";
import type { Paint } from "./paint.js";
import type { Result, Results } from "./renderer.js";
import { countsInWords, duration, lineOf, several, trafficInWords } from "./words.js";

/** As many failures of one host are repeated at the end. */
const most = 10;

/** The lines that tell what it all came to: one host each, and the total when there are several. */
export function summaryLines(
  { results, durationMs }: Results,
  { verbosity, paint, nameWidth }: LogOptions,
): readonly string[] {
  const shown = verbosity < 0 ? results.filter((result) => hasFailed(result)) : results;
  const hosts = shown.flatMap((result) => hostLines(result, { verbosity, paint, nameWidth }));
  if (verbosity < 0) return hosts;
  const several_ = results.length > 1 ? [totalLine(results, durationMs, paint)] : [];
  return ["", ...hosts, ...several_];
}

/** Whether something of the host's deployment went wrong. */
export function hasFailed({ report, error }: Result): boolean {
  // A failure left behind inside a subdeployment is in no count of this host's own properties.
  return error !== undefined || !report || !!report.error || report.failures.length > 0;
}

/** Whether the host could not be reached, so that nothing was done. */
export function isUnreachable({ report }: Result): boolean {
  return report !== undefined && !report.traffic && isError(report.error, ConnectionFailed);
}

function hostLines(result: Result, { verbosity, paint, nameWidth }: LogOptions): readonly string[] {
  const { host, report } = result;
  const name = paint.strong(host.padEnd(nameWidth));
  if (!report) {
    const what = result.error === undefined ? "not begun" : "failed";
    return [`${name}  ${paint.bad(what)}`];
  }
  const counts = countsInWords(report.counts, paint);
  const ending = endingInWords(result, report);
  const line = `${name}  ${ending ? `${paint.bad(ending)}  ` : ""}${counts}  ${paint.faint(duration(report.durationMs))}`;
  const traffic =
    verbosity > 0 && report.traffic
      ? [`${" ".repeat(nameWidth)}  ${paint.faint(trafficInWords(report.traffic))}`]
      : [];
  return [line, ...traffic, ...failureLines(report, paint, " ".repeat(nameWidth))];
}

function endingInWords(result: Result, { error }: DeploymentReport): string | undefined {
  if (!error) return undefined;
  if (isUnreachable(result)) return "unreachable";
  return isError(error, Cancelled) ? "cancelled" : "ended early";
}

function failureLines(report: DeploymentReport, paint: Paint, indent: string): readonly string[] {
  const lines = report.failures.slice(0, most).map(({ item, error }) => {
    const place = item.at === undefined ? "" : paint.faint(`  (${lineOf(item.at)})`);
    return `${indent}  ${paint.bad(error.code)}  ${printable(item.desc)}${place}`;
  });
  const more = report.failures.length - most;
  return more > 0 ? [...lines, `${indent}  and ${several(more, "more failure")}`] : lines;
}

function totalLine(results: readonly Result[], durationMs: number, paint: Paint): string {
  const total = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
  for (const { report } of results) {
    for (const key of Object.keys(total) as (keyof Counts)[])
      total[key] += report?.counts[key] ?? 0;
  }
  const bad = results.filter(hasFailed).length;
  const good = `${results.length - bad} of ${several(results.length, "host")} ok`;
  const hosts = bad > 0 ? paint.bad(good) : paint.good(good);
  return `${hosts}  ${countsInWords(total, paint)}  ${paint.faint(duration(durationMs))}`;
}
