import { Cancelled, ConnectionFailed, isError } from "../../engine/errors.js";
import type { Result } from "./renderer.js";

/** What came of a host, in the words that a person is told. */
export type HostEnding = "ok" | "changed" | "failed" | "unreachable" | "cancelled" | "not begun";

/** Those that went as they should. */
export const goodEndings: readonly HostEnding[] = ["ok", "changed"];

/** What came of the host: one of these alone, the one that matters most. */
export function endingOf(result: Result): HostEnding {
  const { report, error } = result;
  if (!report && error === undefined) return "not begun";
  if (isError(report?.error ?? error, Cancelled)) return "cancelled";
  if (isUnreachable(result)) return "unreachable";
  if (hasFailed(result)) return "failed";
  return report?.changed ? "changed" : "ok";
}

/** Whether something of the host's deployment went wrong. */
export function hasFailed({ report, error }: Result): boolean {
  // A failure left behind inside a subdeployment is in no count of this host's own properties.
  return error !== undefined || !report || !!report.error || report.failures.length > 0;
}

/** Whether the host could not be reached, so that nothing was done. */
export function isUnreachable({ report }: Result): boolean {
  return report !== undefined && !report.traffic && isError(report.error, ConnectionFailed);
}
