import { defined } from "../../core/index.js";
import type { Direction, Prepared } from "../model/index.js";
import { describe } from "../prepare/index.js";
import type { Item } from "./applicationEvent.js";
import type { Reporter } from "./reporter.js";

/** Where an item is in a report. */
export interface ItemPlace {
  readonly depth: number;
  readonly silent: boolean;
  readonly within: string;
}

/** The node's line in a report. */
export function itemOf(
  node: Prepared,
  { depth, silent, within }: ItemPlace,
  direction: Direction = "apply",
): Item {
  const id = "property" in node ? node.property : node.combinator;
  return {
    path: within + node.path,
    depth,
    desc: describe(node) ?? id,
    id,
    silent,
    ...defined({ unapplied: direction === "unapply" || undefined, at: node.at }),
  };
}

/** Reports all propapps in the nodes as not reached. */
export function leaveOut(
  reporter: Pick<Reporter, "ended">,
  nodes: readonly Prepared[],
  place: ItemPlace & { readonly reason: string; readonly needed: boolean },
): void {
  const { reason, needed } = place;
  for (const node of nodes) {
    if ("property" in node) {
      reporter.ended(itemOf(node, place), { outcome: "notReached", reason, needed }, 0);
    } else if (node.host) {
      const within = `${place.within}${node.path}/`;
      leaveOut(reporter, [node.host.propspec], { ...place, within });
    } else {
      leaveOut(reporter, node.props, place);
    }
  }
}
