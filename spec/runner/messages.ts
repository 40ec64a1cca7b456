/** What a lane tells of a spec file that has ended. */
export interface SpecResult {
  readonly spec: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** Wall time, and the processor time of all its processes. */
  readonly ms: number;
  readonly cpuMs: number;
  /** What node:test's own reporter for people makes of it. */
  readonly text: string;
}

/** A test, or a suite, that was not run; or one whose result does not count, since it is still to be done. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** What a lane is asked for. */
export interface SpecOrder {
  readonly spec: string;
}
