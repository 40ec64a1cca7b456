import { z } from "zod";
import type { HopDefinition } from "../../engine/index.js";
import { besideLeader, joinsLeader } from "./leader.js";

/** The schema of a container's name. */
export const containerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected the name of a container");

/**
 * What a type of hop is that enters a container by its name; `find`: the words before the name of a
 * command that prints the number of its first process.
 */
export function containerHop(
  kind: string,
  find: readonly string[],
): HopDefinition<"same", [name: string]> {
  const leaderOf = (name: string) => [...find, name];
  return {
    gives: "same",
    args: z.tuple([containerName]),
    desc: (_context, name) => `${kind} ${name}`,
    wrap: async (_context, shell, name) => besideLeader(leaderOf(name), shell),
    enter: (name) => joinsLeader(`${kind} ${name}`, leaderOf(name)),
  };
}
