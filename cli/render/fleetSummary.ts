import { Cancelled, ConsfigError, isError, printable } from "../../engine/base/index.js";
import { endingOf, goodEndings, type HostEnding, type Result } from "../../engine/fleet/result.js";
import { errorInBrief } from "./error.js";
import { grouped } from "./grouped.js";
import { noPaint, type Paint } from "./paint.js";
import type { Results } from "./renderer.js";
import type { SlowHost } from "./slowest.js";
import { countsInWords, duration, itemInWords, namesInWords, several, totalOf } from "./words.js";

/** So many lines tell of hosts that did not end as they should, at most. */
const most = 50;

const badEndings: readonly HostEnding[] = ["failed", "unreachable", "cancelled", "not begun"];

/** The lines that tell what many hosts came to: which went wrong, which were slow, how many of all. */
export function fleetLines(
  { results, durationMs, stopped }: Results,
  slowest: readonly SlowHost[],
  paint: Paint,
): readonly string[] {
  const byEnding = grouped(results, endingOf);
  const counts = [...goodEndings, ...badEndings].flatMap((ending) => {
    const count = byEnding.get(ending)?.length ?? 0;
    const colour = goodEndings.includes(ending) ? paint.good : paint.bad;
    return count > 0 ? [colour(`${count} ${ending}`)] : [];
  });
  const total = [several(results.length, "host"), ...counts, paint.faint(duration(durationMs))];
  return [
    ...badLines(results, paint),
    ...slowest.map((one) => slowLine(one, paint)),
    ...(stopped === undefined ? [] : [paint.bad(`stopped: ${printable(stopped)}`)]),
    paint.faint(`properties  ${countsInWords(totalOf(results), noPaint)}`),
    total.join("  "),
  ];
}

/** The lines that tell of hosts that went wrong: one for all that did in one way, for one reason. */
export function badLines(results: readonly Result[], paint: Paint): readonly string[] {
  const byEnding = grouped(results, endingOf);
  const groups = badEndings.flatMap((ending) => [
    ...grouped(byEnding.get(ending) ?? [], (result) =>
      withoutNames(result, reasonOf(result)),
    ).values(),
  ]);
  const lines = groups.slice(0, most).map((group) => {
    const [one] = group;
    const reason = reasonOf(one);
    const names = paint.strong(namesInWords(group.map(({ host }) => host)));
    return `${paint.bad(endingOf(one).padEnd(11))}  ${names}${reason && `: ${reason}`}`;
  });
  const more = groups.slice(most).reduce((sum, group) => sum + group.length, 0);
  return more > 0 ? [...lines, `and ${more} more: consfig report`] : lines;
}

/** `E_COMMAND  apache2 running (consfig.ts:7)`; with the number of the others, if there are any. */
function reasonOf({ report, error }: Result): string {
  const { failures = [], error: end = error } = report ?? {};
  const errors = new Set([...failures.map((failure) => failure.error), end]);
  const told = [...errors].filter((one) => one !== undefined && !isError(one, Cancelled));
  const more = told.length > 1 ? `, and ${several(told.length - 1, "more failure")}` : "";
  const [failure] = failures;
  if (failure) return `${failure.error.code}  ${itemInWords(failure.item, noPaint)}${more}`;
  if (told.length === 0) return "";
  const { code, text } = errorInBrief(end);
  return `${code}  ${text}`;
}

/** What the reasons of two hosts have in common: they differ by the hosts' names and addresses. */
function withoutNames({ host, report }: Result, reason: string): string {
  const { facts = {} } = report?.error instanceof ConsfigError ? report.error : {};
  const address = facts.host === host && typeof facts.hostname === "string" ? facts.hostname : host;
  return reason.replaceAll(host, "").replaceAll(address, "");
}

function slowLine({ host, durationMs, property }: SlowHost, paint: Paint): string {
  const what = property
    ? `  ${duration(property.durationMs)} of it: ${printable(property.desc)}`
    : "";
  return paint.faint(`slow         ${host}  ${duration(durationMs)}${what}`);
}
