import { Cancelled, ConnectionFailed, isError } from "../base/index.js";
import type { Counts, DeploymentReport } from "../report/index.js";

/** What came of one host that was to be deployed. */
export interface Result {
  readonly host: string;
  /** None: the deployment was never begun, or ended by `error` before it could report. */
  readonly report?: DeploymentReport;
  readonly error?: unknown;
}

/** How a deployment ended that has reported. */
export type Ending = "ok" | "failed" | "unreachable" | "cancelled";

/** What came of a host, in the words that a person is told. */
export type HostEnding = Ending | "changed" | "not begun";

/** The endings of hosts that went as they should. */
export const goodEndings: readonly HostEnding[] = ["ok", "changed"];

/** What of a report, or of the record of one, tells how the deployment ended. */
interface Reported {
  readonly error?: { readonly codes: readonly string[] };
  readonly failures: readonly unknown[];
  readonly counts: Counts;
  /** What the connection cost; none where it has no messages, or there was no connection. */
  readonly traffic?: object;
}

/** How the deployment ended that reports this. */
export function reportedEnding(reported: Reported): Ending {
  const { error, failures, counts, traffic } = reported;
  const { notReached, interrupted = 0, ...ended } = counts;
  const isTouched = traffic !== undefined || Object.values(ended).some((count) => count > 0);
  if (error?.codes.includes(Cancelled.code)) return "cancelled";
  if (error?.codes.includes(ConnectionFailed.code) && !isTouched) return "unreachable";
  const isWhole = failures.length + counts.failed + interrupted + notReached === 0;
  return error || !isWhole ? "failed" : "ok";
}

/** What came of the host: one of these alone, the one that matters most. */
export function endingOf({ report, error }: Result): HostEnding {
  if (report) {
    const ending = reportedEnding(report);
    return ending === "ok" && report.changed ? "changed" : ending;
  }
  if (error === undefined) return "not begun";
  return isError(error, Cancelled) ? "cancelled" : "failed";
}

/** Whether nothing of the host's deployment went wrong. */
export function isWell(result: Result): boolean {
  return goodEndings.includes(endingOf(result));
}
