import { z } from "zod";
import { hopType } from "../../engine/index.js";
import { besideLeader, joinsLeader } from "../namespaces/shared.js";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected the name of a container");

/**
 * A running machine that systemd-machined knows, e.g. one of systemd-nspawn, as uid 0 inside.
 *
 * Needs machinectl and uid 0, and with a shell before it nsenter (util-linux).
 */
export const machined = hopType<"same", [name: string]>("machined", {
  gives: "same",
  args: z.tuple([name]),
  desc: (_context, name) => `machined ${name}`,
  wrap: async (_context, shell, name) => besideLeader(leaderOf(name), shell),
  enter: (name) => joinsLeader(`machined ${name}`, leaderOf(name)),
});

function leaderOf(name: string): string[] {
  return ["machinectl", "show", "--property=Leader", "--value", name];
}
