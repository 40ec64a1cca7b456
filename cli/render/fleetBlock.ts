import { printable } from "../../engine/base/index.js";
import type { FleetProgress, HostProgress } from "./fleetProgress.js";
import type { LogOptions } from "./log.js";
import type { Paint } from "./paint.js";
import { cut, folded } from "./width.js";
import { duration } from "./words.js";

/** How a state looks: in words, and as a part of the bar, which is to be read without colours too. */
const looks: readonly (readonly [HostProgress, mark: string, keyof Paint])[] = [
  ["failed", "×", "bad"],
  ["unreachable", "×", "bad"],
  ["cancelled", "×", "bad"],
  ["changed", "▓", "warn"],
  ["ok", "█", "good"],
  ["at work", "▒", "strong"],
  ["connecting", "▒", "strong"],
  ["waiting", "░", "faint"],
];

const mostAtWork = 5;

/** The lines that tell of many hosts at once, in a terminal of that size. */
export function fleetBlock(
  progress: FleetProgress,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  { paint, nameWidth }: LogOptions,
): readonly string[] {
  const width = columns - 1;
  const head = [bar(progress, width, paint), ...folded(fleetInWords(progress, paint), width)];
  const room = Math.max(0, rows - 1 - head.length);
  const column = Math.min(nameWidth, Math.floor(width / 3));
  const name = (host: string) =>
    paint.strong(host.length > column ? cut(host, column - 1) : host.padEnd(column));
  // At most half of the room, so that there is some for those at work.
  const mostFailures = Math.ceil(room / 2);
  const failures = progress.failures.slice(Math.max(0, progress.failures.length - mostFailures));
  const slowest = progress.atWork(Math.min(mostAtWork, room - failures.length));
  return [
    ...head,
    ...slowest.map(({ host, log, since }) => {
      const time = paint.faint(duration(performance.now() - since).padStart(6));
      return `${name(host)}  ${time}  ${printable(log.current ?? "")}`;
    }),
    ...failures.map(({ host, code, text }) => `${name(host)}  ${paint.bad(code)}  ${text}`),
  ];
}

/** How many hosts are at what, and how long it has taken and will take. */
export function fleetInWords(progress: FleetProgress, paint: Paint): readonly string[] {
  const { counts, ended, total, elapsedMs, leftMs } = progress;
  const states = looks.filter(([state]) => counts[state] > 0);
  return [
    `${ended} of ${total} hosts done`,
    ...states.map(([state, , colour]) => paint[colour](`${counts[state]} ${state}`)),
    paint.faint(duration(elapsedMs)),
    ...(leftMs === undefined ? [] : [paint.faint(`about ${duration(leftMs)} left`)]),
  ];
}

/** A bar of that width. Rounded up one after the other, the first ones are seen if there are any. */
function bar({ counts, total }: FleetProgress, width: number, paint: Paint): string {
  let [hosts, drawn] = [0, 0];
  const segments = looks.map(([state, mark, colour]) => {
    hosts += counts[state];
    const length = Math.ceil((hosts / total) * width) - drawn;
    drawn += length;
    return length > 0 ? paint[colour](mark.repeat(length)) : "";
  });
  return segments.join("");
}
