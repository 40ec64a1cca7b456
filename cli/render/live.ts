import { fleetBlock } from "./fleetBlock.js";
import { FleetProgress } from "./fleetProgress.js";
import { hostBlock } from "./hostBlock.js";
import type { LogOptions } from "./log.js";
import { areMany, logOptionsFor } from "./many.js";
import type { Renderer } from "./renderer.js";
import { summaryLines } from "./summary.js";
import { type Terminal, TerminalBlock } from "./terminalBlock.js";

/** For terminals: what has ended scrolls above, what is being done is told at the bottom. */
export function liveRenderer(
  terminal: Terminal,
  hosts: readonly string[],
  options: LogOptions,
): Renderer {
  const progress = new FleetProgress(hosts, logOptionsFor(hosts, options));
  const linesOf = areMany(hosts) ? fleetBlock : hostBlock;
  const block = new TerminalBlock(terminal, () => linesOf(progress, terminal, options));
  return {
    listener: (event) => block.scroll(progress.after(event)),
    crashed: (host, error) => block.scroll(progress.crashed(host, error)),
    note: (text) => block.scroll([options.paint.warn(text)]),
    end(results) {
      block.close();
      block.scroll(summaryLines(results, progress.slowest, options));
    },
    close: () => block.close(),
  };
}
