import { z } from "zod";
import {
  type HopCommand,
  type HopContext,
  hopType,
  quoteWords,
  sh,
  type Words,
} from "../../engine/index.js";

/** Another account of the same host, by su. The hop before must be uid 0, so that su asks nothing. */
export const su = hopType<"posix", [user: string]>("su", {
  gives: "posix",
  args: z.tuple([z.string().min(1)]),
  desc: (_context, user) => `su ${user}`,
  wrap: bySu,
});

/** The command that runs the shell as the user, from uid 0. */
export async function bySu(_context: HopContext, shell: Words, user: string): Promise<HopCommand> {
  // A shell of our own choice: the account's may be nologin, or no POSIX shell. The check comes
  // first since su would otherwise wait for a password that nobody will type.
  const check = `[ "$(id -u)" = 0 ] || { echo "su needs uid 0" >&2; exit 1; }; exec "$@"`;
  const become = sh`su -s /bin/sh -c ${`exec ${quoteWords(shell)}`} -- ${user}`;
  return { words: ["sh", "-c", check, "sh", ...become] };
}
