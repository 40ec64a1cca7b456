import { z } from "zod";
import type { HopDefinition, Words } from "../../engine/index.js";
import { besideLeader, joining } from "./leader.js";

/** The schema of a container's name. */
export const containerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected the name of a container");

/** How a container is entered. */
export interface EnterOptions {
  /**
   * What confines the container's processes may be left off where this hop cannot take it over: a seccomp
   * filter, and over a shell also capabilities that are given up and no_new_privs. Without this the hop is
   * refused then, since what uid 0 inside has put there would run with more rights than it has itself.
   */
  readonly trusted?: boolean;
}

/** The options in {@link EnterOptions}, for a schema. */
export const enterOptions = { trusted: z.boolean().exactOptional() };

/** How a type of hop finds a container by its name, and enters it from a shell. */
interface ContainerWays {
  /** The words before the name of a command that prints the number of its first process. */
  readonly find: Words;
  /** The words before the name of its runtime's own command that runs another in it, if there is one. */
  readonly exec?: Words;
}

/** What a type of hop is that enters a container by its name. */
export function containerHop(
  kind: string,
  { find, exec }: ContainerWays,
): HopDefinition<"same", [name: string, options?: EnterOptions]> {
  const leading = (name: string, options: EnterOptions = {}) => ({
    find: [...find, name],
    ...options,
  });
  return {
    gives: "same",
    args: z.tuple([containerName, z.strictObject(enterOptions).exactOptional()]),
    desc: (_context, name) => `${kind} ${name}`,
    wrap: async (_context, shell, name, options) =>
      exec ? { words: [...exec, name, ...shell] } : besideLeader(leading(name, options), shell),
    enter: (name, options) => joining(`${kind} ${name}`, leading(name, options)),
  };
}
