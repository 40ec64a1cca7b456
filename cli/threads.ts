import { availableParallelism } from "node:os";
import type { ThreadPool } from "../engine/fleet/pool.js";
import { type Consfig, modulesOf } from "./consfig/load.js";

/** Hosts for which another thread is worth its start. */
const hostsPerThread = 50;

/** The threads that are worth it, or as many as are wanted; undefined: none besides this one. */
export async function threadsFor(
  hosts: number,
  consfig: Consfig,
  wanted = Math.min(availableParallelism() - 1, Math.floor(hosts / hostsPerThread)),
): Promise<ThreadPool | undefined> {
  const threads = Math.min(wanted, hosts);
  if (threads <= 0) return undefined;
  const { ThreadPool } = await import("../engine/fleet/pool.js");
  // As if it had been thrown here, which it would have been without threads.
  const stray = (error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  };
  return ThreadPool.start(threads, modulesOf(consfig), stray);
}
