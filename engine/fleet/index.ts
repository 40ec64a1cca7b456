/**
 * Many hosts deployed, for `consfig deploy` and for programs: how many at once (`concurrency.ts`), which of
 * them may begin (`schedule.ts`), and on which thread (`pool.ts`, `thread.ts`).
 *
 * This room may import all rooms of the engine below it. Of the program only the command knows it.
 */
export { Fleet, type FleetOptions, type FleetReport, type Member } from "./fleet.js";
export { ThreadPool } from "./pool.js";
export { isWell, type Result } from "./result.js";
export type { Candidate, ScheduleOptions } from "./schedule.js";
export { type Attendant, type Deployer, deployHere, type HostTask } from "./task.js";
