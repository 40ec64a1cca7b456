import { z } from "zod";
import { FailedChange, hopType } from "../engine/index.js";

/** A Node image: this program, on the host. What follows happens inside. */
export const node = hopType<"node", []>("node", {
  gives: "node",
  args: z.tuple([]),
  desc: () => "node",
  image: () => ({
    find: "command -v node",
    bring: () => Promise.reject(new FailedChange("there is no Node")),
  }),
});
