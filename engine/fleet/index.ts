/**
 * For programs that deploy many hosts by themselves: what `consfig deploy` is made of.
 *
 * It may import all rooms of the engine, and is known only to the command.
 */
export { Fleet, type FleetOptions, type FleetReport, type Member } from "./fleet.js";
export { ThreadPool } from "./pool.js";
export { isWell, type Result } from "./result.js";
export type { Candidate, ScheduleOptions } from "./schedule.js";
export { type Attendant, type Deployer, deployHere, type HostTask } from "./task.js";
