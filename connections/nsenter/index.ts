import { z } from "zod";
import { hopType } from "../../engine/index.js";
import { besideLeader, joinsLeader } from "../namespaces/shared.js";
/**
 * Where the process of that number is on the host before: its namespaces, root directory and
 * environment, as uid 0 inside. For what another hop does not find by name.
 *
 * Needs the right to enter, e.g. uid 0, and with a shell before it nsenter (util-linux). Not entered
 * are its cgroup and what a security module such as AppArmor confines it to.
 */
export const nsenter = hopType<"same", [pid: number]>("nsenter", {
  gives: "same",
  args: z.tuple([z.int().positive()]),
  desc: (_context, pid) => `nsenter ${pid}`,
  wrap: async (_context, shell, pid) => besideLeader(given(pid), shell),
  enter: (pid) => joinsLeader(`nsenter ${pid}`, given(pid)),
});

function given(pid: number): string[] {
  return ["echo", String(pid)];
}
