import { z } from "zod";
import {
  becomeUser,
  form,
  type HopCommand,
  type HopContext,
  hopType,
  shellText,
  type Words,
} from "../../engine/index.js";
import { asHop, logIn, lookUpLogin, needUid0, paths } from "../namespaces/shared.js";
import { bySu } from "../su/index.js";

/** The schema of a user's name: none that a program takes for an option. */
export const userName = z.string().regex(/^[^-:\s\0/][^:\s\0/]*$/, "expected the name of a user");

/** Evaluated by uid 0, the process is that user from then on, with the environment of a login. */
export const becomes = form("setuid.becomes", {
  args: z.tuple([userName]),
  evaluate: (user) =>
    asHop(`setuid ${user}`, () => {
      needUid0("setuid");
      const login = lookUpLogin(user);
      becomeUser(login);
      logIn(login); // after the change of account: perhaps nobody else may enter its home
    }),
});

/** Another account of the same host, with the environment of a login. Needs uid 0. */
export const setuid = hopType<"same", [user: string]>("setuid", {
  gives: "same",
  args: z.tuple([userName]),
  desc: (_context, user) => `setuid ${user}`,
  wrap: freshBySu,
  enter: becomes,
});

/** By su, whose own settings of HOME and the like go on top of an environment that is empty. */
async function freshBySu(context: HopContext, shell: Words, user: string): Promise<HopCommand> {
  const { words } = await bySu(context, shell, user);
  const fresh = shellText`p=${paths.user}; if [ "$1" = root ]; then p=${paths.superuser}; fi; shift;
    exec env -i \${TERM:+"TERM=$TERM"} PATH="$p" "$@"`;
  return { words: ["sh", "-c", fresh, "sh", user, ...words] };
}
