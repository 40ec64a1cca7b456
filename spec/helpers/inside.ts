import { z } from "zod";
import { hopType, sh } from "../../engine/index.js";

/** A host of the test bed, without its sshd: the shell is started beside its first process. */
export const inside = hopType<"posix", [pid: number]>("spec.inside", {
  gives: "posix",
  args: z.tuple([z.int().positive()]),
  desc: (_context, pid) => `inside ${pid}`,
  wrap: async (_context, shell, pid) => ({
    words: [...sh`nsenter -t ${pid} -m -u -i -n -p -C -- env HOME=/root`, ...shell],
  }),
});
