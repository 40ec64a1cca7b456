import type { Item } from "./events.js";
import { describe, type Prepared } from "./prepare.js";
import type { Reporter } from "./reporter.js";

/** The node's line in a report. */
export function itemOf(
  node: Prepared,
  { depth, silent }: { depth: number; silent: boolean },
): Item {
  const id = "property" in node ? node.property : node.combinator;
  return {
    path: node.path,
    depth,
    desc: describe(node) ?? id,
    id,
    silent,
    ...(node.at === undefined ? {} : { at: node.at }),
  };
}

/** All propapps in the nodes are reported as not reached. */
export function leaveOut(
  reporter: Pick<Reporter, "ended">,
  nodes: readonly Prepared[],
  place: { depth: number; silent: boolean; reason: string; needed: boolean },
): void {
  const { reason, needed } = place;
  for (const node of nodes) {
    if ("property" in node) {
      reporter.ended(itemOf(node, place), { outcome: "notReached", reason, needed }, 0);
    } else {
      leaveOut(reporter, node.host ? [node.host.propspec] : node.props, place);
    }
  }
}
