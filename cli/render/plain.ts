import { printable } from "../../engine/printable.js";
import { Fleet, type HostAtWork } from "./fleet.js";
import { fleetInWords } from "./fleetBlock.js";
import type { LogOptions } from "./log.js";
import { areMany, logOptionsFor } from "./many.js";
import { noPaint } from "./paint.js";
import type { Renderer } from "./renderer.js";
import { summaryLines } from "./summary.js";
import { duration } from "./words.js";

/** A sign of life as often; where all that happens is told, only when nothing has. */
const heartbeatMs = 30_000;
const mostSlow = 3;

/** Lines that only ever follow each other: for logs, pipes and simple terminals. */
export function plainRenderer(
  write: (text: string) => void,
  hosts: readonly string[],
  options: LogOptions,
): Renderer {
  const { paint, verbosity } = options;
  const fleet = new Fleet(hosts, logOptionsFor(hosts, options));
  const isLarge = areMany(hosts);
  const print = (lines: readonly string[]) => {
    if (lines.length === 0) return;
    write(`${lines.join("\n")}\n`);
    if (!isLarge) heartbeat.refresh();
  };
  const heartbeat = setInterval(() => {
    if (verbosity < 0) return;
    const lines = isLarge ? [allOf(fleet)] : fleet.atWork(hosts.length).map(inWords);
    print(lines.map(paint.faint));
  }, heartbeatMs);
  heartbeat.unref();
  return {
    listener: (event) => print(fleet.after(event)),
    broke: (host, error) => print(fleet.broke(host, error)),
    note: (text) => print([paint.warn(text)]),
    end: (results) => print(summaryLines(results, fleet.slowest, options)),
    close: () => clearInterval(heartbeat),
  };
}

function allOf(fleet: Fleet): string {
  const words = fleetInWords(fleet, noPaint).join("  ");
  const slowest = fleet.atWork(mostSlow).map(inWords);
  return slowest.length === 0 ? words : `${words}  slowest: ${slowest.join(", ")}`;
}

function inWords({ host, log, since }: HostAtWork): string {
  const doing = log.current === undefined ? "" : `  ${printable(log.current)}`;
  return `${host}  for ${duration(performance.now() - since)}${doing}`;
}
