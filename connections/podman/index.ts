import { z } from "zod";
import { hopType } from "../../engine/index.js";
import { besideLeader, joinsLeader } from "../namespaces/shared.js";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected the name of a container");

/**
 * A running container of Podman, on the host before, as uid 0 inside.
 *
 * Needs podman, and with a shell before it nsenter (util-linux). For a container of another user go by
 * way of that account: `[setuid("alice"), podman("web")]`.
 */
export const podman = hopType<"same", [name: string]>("podman", {
  gives: "same",
  args: z.tuple([name]),
  desc: (_context, name) => `podman ${name}`,
  wrap: async (_context, shell, name) => besideLeader(leaderOf(name), shell),
  enter: (name) => joinsLeader(`podman ${name}`, leaderOf(name)),
});

function leaderOf(name: string): string[] {
  return ["podman", "inspect", "--type=container", "--format={{.State.Pid}}", name];
}
