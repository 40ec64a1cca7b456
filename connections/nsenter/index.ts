import { z } from "zod";
import { hopType } from "../../engine/index.js";
import { besideLeader, type EnterOptions, enterOptions, joining } from "../namespaces/shared.js";

/**
 * Where the process of that number is on the host before: its namespaces, root directory and
 * environment, as uid 0 inside. For what another hop does not find by name.
 *
 * Needs the right to enter, e.g. uid 0, and with a shell before it nsenter (util-linux). Not entered
 * are its cgroup and what a security module such as AppArmor confines it to.
 */
export const nsenter = hopType<"same", [pid: number, options?: EnterOptions]>("nsenter", {
  gives: "same",
  args: z.tuple([z.int().positive(), z.strictObject(enterOptions).exactOptional()]),
  desc: (_context, pid) => `nsenter ${pid}`,
  wrap: async (_context, shell, pid, options) => besideLeader(leading(pid, options), shell),
  enter: (pid, options) => joining(`nsenter ${pid}`, leading(pid, options)),
});

function leading(pid: number, options: EnterOptions = {}) {
  return { find: ["echo", String(pid)], ...options };
}
