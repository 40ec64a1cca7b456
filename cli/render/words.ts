import { printable } from "../../engine/base/index.js";
import type { Result } from "../../engine/fleet/result.js";
import type { Counts, Item, Traffic } from "../../engine/index.js";
import type { Paint } from "./paint.js";

/** `0.4 s`, `75 s`, `12 min` */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** `3 hosts`, `1 host`, `2 processes` */
export function several(count: number, what: string, ending = "s"): string {
  return `${count} ${what}${count === 1 ? "" : ending}`;
}

/** `web1`, `web1 and web2`, `web1, web2 and 37 more` */
export function namesInWords(names: readonly string[]): string {
  const shown = names.slice(0, names.length > 3 ? 2 : 3);
  if (shown.length < names.length)
    return `${shown.join(", ")} and ${names.length - shown.length} more`;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** `2 changed  5 unchanged  1 failed`; what there is none of is left out, but for the changed. */
export function countsInWords(counts: Counts, paint: Paint): string {
  const { changed, unchanged, failed, notReached, interrupted = 0 } = counts;
  const words = [changed > 0 ? paint.warn(`${changed} changed`) : "0 changed"];
  if (unchanged > 0) words.push(`${unchanged} unchanged`);
  if (failed > 0) words.push(paint.bad(`${failed} failed`));
  if (interrupted > 0) words.push(paint.bad(`${interrupted} interrupted`));
  if (notReached > 0) words.push(paint.bad(`${notReached} not reached`));
  return words.join("  ");
}

/** What all hosts' properties came to together. */
export function totalOf(results: readonly Result[]): Counts {
  const total = { changed: 0, unchanged: 0, failed: 0, notReached: 0, interrupted: 0 };
  for (const { report } of results) {
    for (const key of Object.keys(total) as (keyof Counts)[]) // it has no others
      total[key] += report?.counts[key] ?? 0;
  }
  return total;
}

/** `12 commands, 3 round trips, 4.5 kB sent, 2.0 kB received` */
export function trafficInWords({
  commands,
  roundTrips,
  bytesSent,
  bytesReceived,
}: Traffic): string {
  return [
    several(commands, "command"),
    several(roundTrips, "round trip"),
    `${bytes(bytesSent)} sent`,
    `${bytes(bytesReceived)} received`,
  ].join(", ");
}

function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`;
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

/** The item's description, and the file and line that it was written in. */
export function itemInWords(item: Item, paint: Paint): string {
  const place = item.at === undefined ? "" : paint.faint(`  (${lineOf(item.at)})`);
  return `${printable(item.desc)}${place}`;
}

/** `file:line` of a `file:line:column` */
export function lineOf(at: string): string {
  return printable(at.replace(/(:\d+):\d+$/, "$1"));
}
