/**
 * Units of systemd. What a property says of a unit it says of the system's, or with
 * `{ user: "alice" }` of that user's own, whose systemd must run ({@link lingeringEnabled}).
 */
export { lingeringEnabled } from "./lingering.js";
export { type RunsConfiguratorOptions, runsConfigurator } from "./runsConfigurator.js";
export {
  daemonReloaded,
  disabled,
  enabled,
  enabledAndStarted,
  masked,
  reloaded,
  restarted,
  started,
  stopped,
} from "./states.js";
export type { Scope } from "./systemctl.js";
export { hasTimer, type TimerOptions } from "./timer.js";
export { hasDropIn, hasUnit } from "./unitFiles.js";
