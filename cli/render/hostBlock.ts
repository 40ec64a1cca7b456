import { printable } from "../../engine/base/index.js";
import type { LogOptions } from "./log.js";
import type { Standing } from "./standing.js";
import { countsInWords, duration, several } from "./words.js";

/** The lines that tell of a few hosts, one each, and of all together when there are several. */
export function hostBlock(
  standing: Standing,
  { rows }: { readonly rows: number },
  { paint, nameWidth }: LogOptions,
): readonly string[] {
  const lines = standing.atWork(rows - 2).map(({ host, log, since, counts }) => {
    const time = paint.faint(duration(performance.now() - since).padStart(6));
    const name = paint.strong(host.padEnd(nameWidth));
    return `${name}  ${time}  ${countsInWords(counts, paint)}  ${printable(log.current ?? "")}`;
  });
  if (standing.total === 1) return lines;
  const { waiting } = standing.counts;
  const more = standing.total - standing.ended - waiting - lines.length;
  const words = [`${standing.ended} of ${several(standing.total, "host")} done`];
  if (more > 0) words.push(`${more} more at work`);
  if (waiting > 0) words.push(`${waiting} waiting`);
  return [...lines, paint.faint(words.join(", "))];
}
