import type { Counts, DeploymentEvent } from "../../engine/index.js";
import { printable } from "../../engine/printable.js";
import { HostLog, type LogOptions } from "./log.js";
import type { Renderer } from "./renderer.js";
import { summaryLines } from "./summary.js";
import { type Terminal, TerminalBlock } from "./terminalBlock.js";
import { countsInWords, duration, several } from "./words.js";

/** As many hosts have a line of their own. */
const mostLines = 20;
const frameMs = 100;

/** What the lines at the bottom know of a host that is being deployed. */
interface Status {
  readonly log: HostLog;
  readonly since: number;
  readonly counts: { -readonly [K in keyof Counts]: Counts[K] };
  connected: boolean;
}

/** For terminals: what has ended scrolls above, what is being done is told at the bottom. */
export function liveRenderer(
  terminal: Terminal,
  hosts: readonly string[],
  options: LogOptions,
): Renderer {
  const { paint, nameWidth } = options;
  const block = new TerminalBlock(terminal);
  const running = new Map<string, Status>();
  const broken = new Map<string, HostLog>();
  let done = 0;
  const bottom = (): readonly string[] => {
    const lines = [...running].slice(0, mostLines).map(([host, status]) => {
      const doing = status.log.current ?? (status.connected ? "" : "connecting");
      const time = duration(performance.now() - status.since);
      const counts = countsInWords(status.counts, paint);
      return `${paint.strong(host.padEnd(nameWidth))}  ${paint.faint(time.padStart(6))}  ${counts}  ${printable(doing)}`;
    });
    const waiting = hosts.length - done - running.size;
    const more = running.size - lines.length;
    if (hosts.length > 1) {
      const words = [`${done} of ${several(hosts.length, "host")} done`];
      if (more > 0) words.push(`${more} more at work`);
      if (waiting > 0) words.push(`${waiting} waiting`);
      lines.push(paint.faint(words.join(", ")));
    }
    return lines;
  };
  const timer = setInterval(() => block.draw(bottom()), frameMs);
  timer.unref();
  const print = (lines: readonly string[]) => {
    if (lines.length > 0) block.scroll(lines, bottom());
  };
  const close = () => {
    clearInterval(timer);
    block.close();
  };
  return {
    listener(event: DeploymentEvent) {
      const { host } = event;
      const status = running.get(host) ?? begun(host, options);
      running.set(host, status);
      if (event.type === "connected") status.connected = true;
      if (event.type === "ended") count(status, event);
      const lines = status.log.after(event);
      if (event.type === "finished") {
        running.delete(host);
        done++;
      }
      broken.set(host, status.log);
      print(lines);
    },
    broke(host, error) {
      const log = broken.get(host) ?? new HostLog(host, options);
      if (running.delete(host)) done++;
      print(log.error(error));
    },
    note: (text) => print([paint.warn(text)]),
    end(results) {
      close();
      terminal.write(`${summaryLines(results, options).join("\n")}\n`);
    },
    close,
  };
}

function begun(host: string, options: LogOptions): Status {
  const counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
  return { log: new HostLog(host, options), since: performance.now(), counts, connected: false };
}

function count({ counts }: Status, { item, ending }: DeploymentEvent & { type: "ended" }): void {
  if (item.depth > 0 || (ending.outcome === "notReached" && !ending.needed)) return;
  counts[ending.outcome]++;
}
