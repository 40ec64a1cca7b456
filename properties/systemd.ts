/**
 * Units of systemd. What a property says of a unit it says of the system's, or with
 * `{ user: "alice" }` of that user's own, whose systemd must run ({@link lingeringEnabled}).
 */
export { lingeringEnabled } from "./systemd/lingering.js";
export { type RunsConfiguratorOptions, runsConfigurator } from "./systemd/runsConfigurator.js";
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
} from "./systemd/states.js";
export type { Scope } from "./systemd/systemctl.js";
export { hasTimer, type TimerOptions } from "./systemd/timer.js";
export { hasDropIn, hasUnit } from "./systemd/unitFiles.js";
