import { printable } from "../../engine/base/index.js";
import { endingOf, goodEndings, isWell, type Result } from "../../engine/fleet/result.js";
import type { DeploymentReport } from "../../engine/index.js";
import { badLines, fleetLines } from "./fleetSummary.js";
import type { LogOptions } from "./log.js";
import { areMany } from "./many.js";
import type { Paint } from "./paint.js";
import type { Results } from "./renderer.js";
import type { SlowHost } from "./slowest.js";
import { countsInWords, duration, lineOf, several, totalOf, trafficInWords } from "./words.js";

/** So many failures of one host are repeated at the end, at most. */
const most = 10;
/** So many processes that were left running are listed, at most. */
const mostLeft = 50;

/** The lines that tell what it all came to: the hosts, the total when there are several, what to do. */
export function summaryLines(
  outcome: Results,
  slowest: readonly SlowHost[],
  options: LogOptions,
): readonly string[] {
  const { results } = outcome;
  const { verbosity, paint } = options;
  const left = leftRunningLines(results, paint);
  const isLarge = areMany(results);
  if (verbosity < 0) {
    const few = () =>
      results.filter((one) => !isWell(one)).flatMap((result) => hostLines(result, options));
    return [...(isLarge ? badLines(results, paint) : few()), ...left];
  }
  return [
    "",
    ...(isLarge ? fleetLines(outcome, slowest, paint) : fewLines(outcome, options)),
    ...left,
    ...howToGoOn(outcome, paint),
  ];
}

function fewLines(outcome: Results, options: LogOptions): readonly string[] {
  const { results, durationMs, stopped } = outcome;
  const { paint } = options;
  return [
    ...results.flatMap((result) => hostLines(result, options)),
    ...(stopped === undefined ? [] : [paint.bad(`stopped: ${printable(stopped)}`)]),
    ...(results.length > 1 ? [totalLine(results, durationMs, paint)] : []),
  ];
}

function hostLines(result: Result, { verbosity, paint, nameWidth }: LogOptions): readonly string[] {
  const { host, report } = result;
  const name = paint.strong(host.padEnd(nameWidth));
  if (!report) return [`${name}  ${paint.bad(endingOf(result))}`];
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
  const ending = endingOf(result);
  return ending === "failed" ? "ended early" : ending;
}

function failureLines(report: DeploymentReport, paint: Paint, indent: string): readonly string[] {
  const lines = report.failures.slice(0, most).map(({ item, error }) => {
    const place = item.at === undefined ? "" : paint.faint(`  (${lineOf(item.at)})`);
    return `${indent}  ${paint.bad(error.code)}  ${printable(item.desc)}${place}`;
  });
  const more = report.failures.length - most;
  return more > 0 ? [...lines, `${indent}  and ${several(more, "more failure")}`] : lines;
}

function leftRunningLines(results: readonly Result[], paint: Paint): readonly string[] {
  const left = results.flatMap(({ host, report }) =>
    (report?.leftRunning ?? []).map(({ pid, command }) => {
      return `${paint.bad(`still running on ${host}:`)} pid ${pid}  ${printable(command)}`;
    }),
  );
  const more = left.length - mostLeft;
  return more > 0
    ? [...left.slice(0, mostLeft), `and ${several(more, "more process", "es")}`]
    : left;
}

/** What is to be typed next, where something is left to be done. */
function howToGoOn({ results, run }: Results, paint: Paint): readonly string[] {
  if (run === undefined) return [];
  const endings = new Set(results.map(endingOf));
  const say = (command: string) => [paint.strong(`to go on: consfig ${command}`)];
  if (endings.has("not begun") || endings.has("cancelled")) return say(`resume ${run}`);
  const isGood = [...endings].every((ending) => goodEndings.includes(ending));
  return isGood ? [] : say("deploy --only failed@last");
}

function totalLine(results: readonly Result[], durationMs: number, paint: Paint): string {
  const bad = results.filter((one) => !isWell(one)).length;
  const good = `${results.length - bad} of ${several(results.length, "host")} ok`;
  const hosts = bad > 0 ? paint.bad(good) : paint.good(good);
  return `${hosts}  ${countsInWords(totalOf(results), paint)}  ${paint.faint(duration(durationMs))}`;
}
