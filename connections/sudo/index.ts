/**
 * The hop `sudo`. The prompt that asks for its password is made here; the room `engine/shell` answers it
 * on the way in (`enter.ts`).
 */
import { z } from "zod";
import { type HopCommand, hopType, sh, unguessablePrompt } from "../../engine/index.js";

const options = z.strictObject({
  user: z.string().min(1).exactOptional(),
  passwordOf: z.string().min(1).exactOptional(),
});

/** How sudo is used. */
export interface SudoOptions {
  /** The account to become; `root` by default. */
  readonly user?: string;
  /**
   * The account, on the hop before, whose password sudo will ask for: the prerequisite data
   * (`--user-passwd--HOST`, account). Left out: sudo must not ask.
   */
  readonly passwordOf?: string;
}

/**
 * Another account of the same host, by sudo. Needs sudo on the host, and that it lets the account
 * on the hop before run `sh`.
 *
 * The password is sent when sudo prints a prompt that nobody could guess, and only then: when sudo
 * does not ask, nothing that a command could read has it.
 */
export const sudo = hopType<"posix", [options?: SudoOptions]>("sudo", {
  gives: "posix",
  args: z.tuple([options.exactOptional()]),
  desc: (_context, { user = "root" } = {}) => `sudo ${user}`,
  requires: (hostname, { passwordOf } = {}) =>
    passwordOf === undefined ? [] : [[`--user-passwd--${hostname}`, passwordOf]],
  async wrap(context, shell, { user = "root", passwordOf } = {}): Promise<HopCommand> {
    if (passwordOf === undefined) return { words: [...sh`sudo -n -H -u ${user} --`, ...shell] };
    const password = await context.data(`--user-passwd--${context.hostname}`, passwordOf);
    const prompt = unguessablePrompt();
    // -k: a password that sudo remembers would let it go on without reading the one we have ready.
    return {
      words: [...sh`sudo -k -S -p ${prompt} -H -u ${user} --`, ...shell],
      prompts: [{ text: prompt, answer: password.asSecret() }],
    };
  },
});
