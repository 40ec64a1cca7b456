import { type Chain, hopTypeOf } from "../model/hop.js";
import { firstNodeProperty, type Prepared } from "./prepare.js";

/**
 * Whether a deployment over that chain needs a grandchild of this process: where a hop that starts
 * here can be entered, and a node property is to be applied beyond it.
 */
export function needsGrandchild(chain: Chain, propspec: Prepared): boolean {
  const [first] = chain[0]?.hop === "local" ? chain.slice(1) : chain;
  if (first) return hopTypeOf(first.hop).enter !== undefined && hasNodeProperty(propspec);
  return subdeployments(propspec).some(([hops, inner]) => needsGrandchild(hops, inner));
}

function hasNodeProperty(propspec: Prepared): boolean {
  const inside = subdeployments(propspec).some(([, inner]) => hasNodeProperty(inner));
  return inside || firstNodeProperty(propspec) !== undefined;
}

/** What is applied over further hops, and over which. */
function subdeployments(node: Prepared): readonly (readonly [Chain, Prepared])[] {
  if ("property" in node) return node.expansion ? subdeployments(node.expansion) : [];
  // All combinators that are about hops of their own have these as their first option.
  if (node.host) return [[node.args[0] as unknown as Chain, node.host.propspec]];
  return node.props.flatMap(subdeployments);
}
