import { errorInBrief } from "./error.js";

/** What went wrong with a host last. */
export interface LatestFailure {
  readonly host: string;
  readonly code: string;
  readonly text: string;
}

const most = 5;

/** The latest failures, one a host, the latest last, if to these comes another. */
export function latestWith(
  failures: readonly LatestFailure[],
  host: string,
  error: unknown,
): readonly LatestFailure[] {
  const others = failures.filter((one) => one.host !== host);
  return [...others, { host, ...errorInBrief(error) }].slice(-most);
}
