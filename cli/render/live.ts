import { fleetBlock } from "./fleetBlock.js";
import { hostBlock } from "./hostBlock.js";
import type { LogOptions } from "./log.js";
import { areMany, logOptionsFor } from "./many.js";
import type { Renderer } from "./renderer.js";
import { Standing } from "./standing.js";
import { summaryLines } from "./summary.js";
import { type Terminal, TerminalBlock } from "./terminalBlock.js";

/** For terminals: what has ended scrolls above, what is being done is told at the bottom. */
export function liveRenderer(
  terminal: Terminal,
  hosts: readonly string[],
  options: LogOptions,
): Renderer {
  const standing = new Standing(hosts, logOptionsFor(hosts, options));
  const linesOf = areMany(hosts) ? fleetBlock : hostBlock;
  const block = new TerminalBlock(terminal, () => linesOf(standing, terminal, options));
  return {
    listener: (event) => block.scroll(standing.after(event)),
    broke: (host, error) => block.scroll(standing.broke(host, error)),
    note: (text) => block.scroll([options.paint.warn(text)]),
    end(results) {
      block.close();
      block.scroll(summaryLines(results, standing.slowest, options));
    },
    close: () => block.close(),
  };
}
