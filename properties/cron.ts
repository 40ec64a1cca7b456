/** Jobs that cron runs. */
export { runsConfigurator } from "./cron/runsConfigurator.js";
export { niceSystemJob, type SystemWhen, systemJob } from "./cron/systemJob.js";
export {
  type CrontabOptions,
  userCrontabContains,
  userCrontabInstalled,
  userCrontabSets,
} from "./cron/userCrontab.js";
