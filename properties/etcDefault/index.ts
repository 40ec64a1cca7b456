/** Settings of services in /etc/default. */
import { z } from "zod";
import { propList } from "../../engine/index.js";
import { containsConfShell, type Settings } from "../file/index.js";
import { settingsSchema } from "../file/shared.js";

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, "expected the name of a file");

/**
 * The file of that name in /etc/default sets each variable to its value. Unapplied: it sets none of
 * them.
 *
 * @example etcDefault.contains("ssh", { SSHD_OPTS: "-4" })
 */
export const contains = propList("etcDefault.contains", {
  args: z.tuple([fileName, settingsSchema]),
  desc: (name) => `/etc/default/${name} has its settings`,
  props: (name: string, settings: Settings) => [
    containsConfShell(`/etc/default/${name}`, settings),
  ],
});
