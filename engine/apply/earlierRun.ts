import type { Outcome } from "../model/index.js";
import type { Item } from "../report/index.js";
import type { Earlier } from "./terms.js";

/**
 * What an earlier run that did not come to its end has changed, or may have, counts as changed: what
 * was to follow upon that may not have happened.
 */
export function outcomeOfBoth(
  earlier: Earlier | undefined,
  { path, unapplied }: Item,
  outcome: Outcome,
): Outcome {
  if (!earlier || outcome === "changed") return outcome;
  const before = earlier.ended[unapplied ? `${path}-` : path];
  return before ?? (earlier.interrupted ? "changed" : outcomeWithParts(earlier, path, outcome));
}

/** What has no line of its own, or did not come to its end, has changed what its parts have. */
export function outcomeWithParts(
  earlier: Earlier | undefined,
  path: string,
  outcome: Outcome,
): Outcome {
  if (outcome === "changed" || !earlier) return outcome;
  const ended = Object.entries(earlier.ended);
  const isPart = (one: string) => one.startsWith(`${path}.`) || one.startsWith(`${path}/`);
  return ended.some(([one, how]) => how === "changed" && isPart(one)) ? "changed" : outcome;
}
