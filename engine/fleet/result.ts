import type { DeploymentReport } from "../report/index.js";

/** What came of one host that was to be deployed. */
export interface Result {
  readonly host: string;
  /** None: the deployment was never begun, or ended by `error` before it could report. */
  readonly report?: DeploymentReport;
  readonly error?: unknown;
}

/** Whether nothing of the host's deployment went wrong. */
export function isWell({ report, error }: Result): boolean {
  // A failure left behind inside a subdeployment is in no count of this host's own properties.
  return error === undefined && !!report && !report.error && report.failures.length === 0;
}
