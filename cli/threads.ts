import { availableParallelism } from "node:os";
import type { ThreadPool } from "../engine/fleet/index.js";
import { type Consfig, modulesOf } from "./consfig/load.js";

/** Hosts for which another thread is worth its start, which takes as long as deploying a hundred. */
const hostsPerThread = 100;
/** More threads are not worth it: this one hears of all that they do. Each takes 60 MiB. */
const mostThreads = 6;

/** The threads that are worth it, or as many as are wanted; undefined: none besides this one. */
export async function threadsFor(
  hosts: number,
  consfig: Consfig,
  wanted = worthIt(hosts),
): Promise<ThreadPool | undefined> {
  const threads = Math.min(wanted, hosts);
  if (threads <= 0) return undefined;
  const { ThreadPool } = await import("../engine/fleet/index.js");
  // The error is thrown here again, as it would have been without threads.
  const stray = (error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  };
  return ThreadPool.start(threads, modulesOf(consfig), stray);
}

/** How many threads are worth it. A single one is not: this thread would have little to do then. */
function worthIt(hosts: number): number {
  const most = Math.min(availableParallelism() - 1, mostThreads);
  const threads = Math.min(most, Math.floor(hosts / hostsPerThread));
  return threads > 1 ? threads : 0;
}
