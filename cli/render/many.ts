import type { LogOptions } from "./log.js";

/** Up to so many hosts each have lines of their own; of more hosts only what matters is told. */
const few = 20;

/** Whether there are so many of them that it cannot all be told. */
export function areMany(hosts: readonly unknown[]): boolean {
  return hosts.length > few;
}

/** How much scrolls by: of many hosts no more than what went wrong, unless more was asked for. */
export function logOptionsFor(hosts: readonly string[], options: LogOptions): LogOptions {
  return areMany(hosts) && options.verbosity === 0 ? { ...options, verbosity: -1 } : options;
}
