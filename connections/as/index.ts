import { z } from "zod";
import { hopType } from "../../engine/index.js";
import { becomes, userName } from "../setuid/index.js";
import { bySu } from "../su/index.js";

/** Another account of the same host, in whatever way the hop before allows. It must be uid 0. */
export const as = hopType<"same", [user: string]>("as", {
  gives: "same",
  args: z.tuple([userName]),
  desc: (_context, user) => `as ${user}`,
  wrap: bySu,
  enter: becomes,
  isAccount: true,
});
