import { Cancelled, ConnectionFailed, isError } from "../../engine/base/index.js";
import { isWell, type Result } from "../../engine/fleet/result.js";

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
  if (!isWell(result)) return "failed";
  return report?.changed ? "changed" : "ok";
}

/** Whether the host could not be reached, so that nothing was done. */
export function isUnreachable({ report }: Result): boolean {
  return report !== undefined && !report.traffic && isError(report.error, ConnectionFailed);
}
