import { z } from "zod";
import { propList } from "../../engine/index.js";
import { runsLatestOfRoot, withLatest } from "../image/index.js";
import { niceSystemJob, type SystemWhen, systemWhen } from "./systemJob.js";

/**
 * At these times the host makes itself as it was to be when it was last deployed, without anybody else:
 * it has the latest image, and a cron job of root's that runs it. Prerequisite data are those it keeps.
 * Unapplied: there is no such job. Needs uid 0, cron, flock, nice and ionice. Not in a chroot or
 * container that was entered, where no image can be made.
 *
 * @example cron.runsConfigurator("daily")
 */
export const runsConfigurator = propList("cron.runsConfigurator", {
  args: z.tuple([systemWhen]),
  desc: (when) => `cron makes this host as it is to be, ${when}`,
  props: (when: SystemWhen) => [
    withLatest(niceSystemJob("consfigurator", when, "root", runsLatestOfRoot)),
  ],
});
