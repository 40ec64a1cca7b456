import { z } from "zod";
import { hopType } from "../../engine/index.js";
import { besideLeader, joinsLeader } from "../namespaces/shared.js";

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected the name of a container");

/**
 * A running container of Docker, on the host before, as uid 0 inside.
 *
 * Needs docker, and with a shell before it nsenter (util-linux) and uid 0. The container itself needs
 * no more than `sh`; its environment is that of its first process.
 */
export const docker = hopType<"same", [name: string]>("docker", {
  gives: "same",
  args: z.tuple([name]),
  desc: (_context, name) => `docker ${name}`,
  wrap: async (_context, shell, name) => besideLeader(leaderOf(name), shell),
  enter: (name) => joinsLeader(`docker ${name}`, leaderOf(name)),
});

function leaderOf(name: string): string[] {
  return ["docker", "inspect", "--type=container", "--format={{.State.Pid}}", name];
}
