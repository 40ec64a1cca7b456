import type { SpecResult } from "./messages.js";
import { spent } from "./shares.js";

/** What node:test's reporter writes above the failures of a spec. */
const failingTests = "failing tests:\n";

/** A line on a spec file that has ended, and below it what failed. */
export function lineOf(result: SpecResult, verbose: boolean): string {
  const { spec, passed, failed, skipped, ms, text } = result;
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ];
  const line = `${failed > 0 ? "✖" : "✔"} ${spec}: ${counts.join(", ")} (${seconds(ms)} s)`;
  return verbose || failed > 0 ? `${line}\n${text}` : line;
}

/** What a person wants to know after the last spec. */
export function summary(
  results: readonly SpecResult[],
  lanes: number,
  wallMs: number,
): readonly string[] {
  const sum = (of: (result: SpecResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const slowest = results.toSorted((a, b) => b.ms - a.ms).slice(0, 20);
  return [
    "the slowest specs:",
    ...slowest.map(
      ({ spec, ms, cpuMs }) => `  ${seconds(ms).padStart(6)} s, CPU ${seconds(cpuMs)} s: ${spec}`,
    ),
    `wall ${minutes(wallMs)} min on ${lanes} ${lanes === 1 ? "lane" : "lanes"}, CPU ${minutes(sum(({ cpuMs }) => cpuMs))} min`,
    ...spent(results, lanes).map(
      ({ subject, minutes, of }) =>
        `share of ${subject}: ${minutes.toFixed(1)} of ${of} min${minutes > of ? ": TOO MUCH" : ""}`,
    ),
    `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed, ${sum(({ skipped }) => skipped.length)} skipped`,
  ];
}

/** What failed once more, where the last lines of a log show it. */
export function failures(
  results: readonly SpecResult[],
  before: ReadonlyMap<string, readonly string[]>,
): string[] {
  return results
    .filter(({ failed }) => failed > 0)
    .flatMap(({ spec, text }) => {
      const earlier = before.get(spec) ?? [];
      return [
        `\n${spec}, after ${earlier.slice(-5).join(", ") || "nothing"} in its lane:`,
        // All of it, where the reporter was not heard to its end.
        text.split(failingTests).at(-1) ?? "",
      ];
    });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function minutes(ms: number): string {
  return (ms / 60_000).toFixed(1);
}
