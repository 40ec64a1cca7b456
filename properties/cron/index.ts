/** Jobs that cron runs. */
export { runsConfigurator } from "./runsConfigurator.js";
export { niceSystemJob, type SystemWhen, systemJob } from "./systemJob.js";
export {
  type CrontabOptions,
  userCrontabContains,
  userCrontabInstalled,
  userCrontabSets,
} from "./userCrontab.js";
