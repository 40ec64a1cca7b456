import { printable } from "../../engine/base/index.js";
import type { FleetProgress } from "./fleetProgress.js";
import type { LogOptions } from "./log.js";
import { countsInWords, duration, several } from "./words.js";

/** The lines that tell of a few hosts, one each, and of all together when there are several. */
export function hostBlock(
  progress: FleetProgress,
  { rows }: { readonly rows: number },
  { paint, nameWidth }: LogOptions,
): readonly string[] {
  const lines = progress.atWork(rows - 2).map(({ host, log, since, counts }) => {
    const time = paint.faint(duration(performance.now() - since).padStart(6));
    const name = paint.strong(host.padEnd(nameWidth));
    return `${name}  ${time}  ${countsInWords(counts, paint)}  ${printable(log.current ?? "")}`;
  });
  if (progress.total === 1) return lines;
  const { waiting } = progress.counts;
  const more = progress.total - progress.ended - waiting - lines.length;
  const words = [`${progress.ended} of ${several(progress.total, "host")} done`];
  if (more > 0) words.push(`${more} more at work`);
  if (waiting > 0) words.push(`${waiting} waiting`);
  return [...lines, paint.faint(words.join(", "))];
}
