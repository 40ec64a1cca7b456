import { printable } from "../../engine/base/index.js";
import { fleetInWords } from "./fleetBlock.js";
import { FleetProgress, type HostAtWork } from "./fleetProgress.js";
import type { LogOptions } from "./log.js";
import { areMany, logOptionsFor } from "./many.js";
import { noPaint } from "./paint.js";
import type { Renderer } from "./renderer.js";
import { summaryLines } from "./summary.js";
import { duration } from "./words.js";

/** How often there is a sign of life; of few hosts only when nothing else was told for so long. */
const heartbeatMs = 30_000;
const mostSlow = 3;

/** Lines that only ever follow each other: for logs, pipes and simple terminals. */
export function plainRenderer(
  write: (text: string) => void,
  hosts: readonly string[],
  options: LogOptions,
): Renderer {
  const { paint, verbosity } = options;
  const progress = new FleetProgress(hosts, logOptionsFor(hosts, options));
  const isLarge = areMany(hosts);
  const print = (lines: readonly string[]) => {
    if (lines.length === 0) return;
    write(`${lines.join("\n")}\n`);
    if (!isLarge) heartbeat.refresh();
  };
  const heartbeat = setInterval(() => {
    if (verbosity < 0) return;
    const lines = isLarge ? [allOf(progress)] : progress.atWork(hosts.length).map(inWords);
    print(lines.map(paint.faint));
  }, heartbeatMs);
  heartbeat.unref();
  return {
    listener: (event) => print(progress.after(event)),
    crashed: (host, error) => print(progress.crashed(host, error)),
    note: (text) => print([paint.warn(text)]),
    end: (results) => print(summaryLines(results, progress.slowest, options)),
    close: () => clearInterval(heartbeat),
  };
}

function allOf(progress: FleetProgress): string {
  const words = fleetInWords(progress, noPaint).join("  ");
  const slowest = progress.atWork(mostSlow).map(inWords);
  return slowest.length === 0 ? words : `${words}  slowest: ${slowest.join(", ")}`;
}

function inWords({ host, log, since }: HostAtWork): string {
  const doing = log.current === undefined ? "" : `  ${printable(log.current)}`;
  return `${host}  for ${duration(performance.now() - since)}${doing}`;
}
