import type { DeploymentEvent } from "../../engine/index.js";
import { printable } from "../../engine/printable.js";
import { HostLog, type LogOptions } from "./log.js";
import type { Renderer } from "./renderer.js";
import { summaryLines } from "./summary.js";
import { duration } from "./words.js";

/** A sign of life as often, where nothing else is shown. */
const heartbeatMs = 30_000;

/** Lines that only ever follow each other: for logs, pipes and simple terminals. */
export function plainRenderer(write: (text: string) => void, options: LogOptions): Renderer {
  const logs = new Map<string, HostLog>();
  const running = new Map<string, number>();
  const logOf = (host: string) => {
    const log = logs.get(host) ?? new HostLog(host, options);
    logs.set(host, log);
    return log;
  };
  const print = (lines: readonly string[]) => {
    if (lines.length > 0) write(`${lines.join("\n")}\n`);
    if (lines.length > 0) heartbeat.refresh();
  };
  const heartbeat = setInterval(() => {
    for (const [host, since] of running) {
      const doing = printable(logOf(host).current ?? "waiting");
      const text = `${host}  for ${duration(performance.now() - since)}  ${doing}`;
      if (options.verbosity >= 0) print([options.paint.faint(text)]);
    }
  }, heartbeatMs);
  heartbeat.unref();
  return {
    listener: (event: DeploymentEvent) => {
      if (event.type === "connecting") running.set(event.host, performance.now());
      if (event.type === "finished") running.delete(event.host);
      print(logOf(event.host).after(event));
    },
    broke: (host, error) => print(logOf(host).error(error)),
    note: (text) => print([options.paint.warn(text)]),
    end: (results) => print(summaryLines(results, options)),
    close: () => clearInterval(heartbeat),
  };
}
