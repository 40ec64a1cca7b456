import {
  type Chain,
  combinatorOf,
  type Prepared,
  type PreparedHost,
  requiredBy,
} from "../model/index.js";

/** The hosts that are deployed as a part of this, and over which further hops. */
export function subdeployments(node: Prepared): readonly (readonly [Chain, PreparedHost])[] {
  if ("property" in node) return node.expansion ? subdeployments(node.expansion) : [];
  if (node.host) {
    const { hops } = combinatorOf(node.combinator);
    return [[hops?.(...node.args) ?? [], node.host]];
  }
  return node.props.flatMap(subdeployments);
}

/**
 * The prerequisite data that hops ask for, and not properties: those of the chain that leads to a host of
 * that name, and those further on.
 */
export function hopsData(
  chain: Chain,
  hostname: string,
  propspec: Prepared,
): readonly (readonly [iden1: string, iden2: string])[] {
  const further = subdeployments(propspec).flatMap(([hops, { name, propspec }]) =>
    hopsData(hops, name, propspec),
  );
  return [...requiredBy(chain, hostname), ...further];
}
