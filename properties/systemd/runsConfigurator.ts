import { z } from "zod";
import { propList, sh } from "../../engine/index.js";
import { runsLatestOfRoot, withLatest } from "../image/index.js";
import { hasTimer, oneLine, type TimerOptions } from "./timer.js";

/** When the host makes itself as it is to be. */
export type RunsConfiguratorOptions = Pick<
  TimerOptions,
  "onCalendar" | "persistent" | "randomDelay"
>;

const options = z.strictObject({
  onCalendar: oneLine,
  persistent: z.boolean().exactOptional(),
  randomDelay: oneLine.exactOptional(),
});

/**
 * Like `cron.runsConfigurator`, by a timer called
 * `consfigurator`; what is told is in its service's log. Unapplied: there is no such timer.
 *
 * @example systemd.runsConfigurator({ onCalendar: "daily", randomDelay: "1h", persistent: true })
 */
export const runsConfigurator = propList("systemd.runsConfigurator", {
  args: z.tuple([options]),
  desc: ({ onCalendar }) => `systemd makes this host as it is to be, ${onCalendar}`,
  props: (when: RunsConfiguratorOptions) => {
    // `runAs: "root"` makes systemd set HOME.
    const command = sh`nice ionice -c 3 sh -c ${runsLatestOfRoot}`.map(String);
    return [withLatest(hasTimer("consfigurator", { ...when, command, runAs: "root" }))];
  },
});
