import {
  combinatorOf,
  type Finding,
  type LookingHost,
  type Prepared,
  type PreparedApp,
  propertyOf,
} from "../model/index.js";

/** The property's check of the host. Undefined: it has none. */
export function checkOf(
  node: PreparedApp,
  host: LookingHost,
): (() => Promise<Finding>) | undefined {
  const { check } = propertyOf(node.property);
  return check && (() => check(host, ...node.args));
}

/** The checks that the nodes will surely begin with, in order, as long as nothing changes. */
export function* checksOf(
  nodes: readonly Prepared[],
  host: LookingHost,
): Generator<{ path: string; check: () => Promise<Finding> }> {
  for (const node of nodes) {
    if ("property" in node) {
      const check = checkOf(node, host);
      if (check) yield { path: node.path, check };
      else if (node.expansion) yield* checksOf([node.expansion], host);
    } else {
      const count = combinatorOf(node.combinator).looksAt?.(node.props.length) ?? 0;
      yield* checksOf(node.props.slice(0, count), host);
    }
  }
}
