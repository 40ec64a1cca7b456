import { KindMismatch } from "../base/index.js";
import {
  type Chain,
  furtherFrom,
  hopTypeOf,
  type Kind,
  type Prepared,
  type PreparedApp,
  propertyOf,
  withoutHere,
} from "../model/index.js";
import { subdeployments } from "./subdeployments.js";

/** What the prepared propspec needs of the connection. */
export function kindOf(node: Prepared): Kind {
  if ("property" in node) {
    const { kind } = propertyOf(node.property);
    return kind ?? (node.expansion ? kindOf(node.expansion) : "posix");
  }
  // A subdeployment is applied over hops of its own, and asserts its kind there.
  if (node.host) return "posix";
  return node.props.some((prop) => kindOf(prop) === "node") ? "node" : "posix";
}

/** The first propapp, in order, that needs a Node image. */
export function firstNodeProperty(node: Prepared): PreparedApp | undefined {
  if ("property" in node) {
    if (node.expansion)
      return firstNodeProperty(node.expansion) ?? (kindOf(node) === "node" ? node : undefined);
    return kindOf(node) === "node" ? node : undefined;
  }
  if (node.host) return undefined;
  for (const prop of node.props) {
    const found = firstNodeProperty(prop);
    if (found) return found;
  }
  return undefined;
}

/**
 * Throws unless a connection of that kind can carry the propspec. `where` is the connection, in words.
 *
 * @throws KindMismatch naming the first node property; UsageError for hops that cannot start there
 */
export function assertCarries(kind: Kind, propspec: Prepared, where: string): void {
  assertFurtherHops(kind, propspec);
  if (kindOf(propspec) === "posix" || kind === "node") return;
  const property = firstNodeProperty(propspec);
  const what = property ? property.property : "a property";
  throw new KindMismatch(`${what} needs a Node image, and ${where} ends in a shell`, {
    hint: "end the chain with a hop that gives one, e.g. node(), or apply the property over local()",
    ...(property?.at === undefined ? {} : { at: property.at }),
  });
}

/** The further hops of its subdeployments, which start at a connection of that kind, are sound. */
function assertFurtherHops(kind: Kind, propspec: Prepared): void {
  for (const [hops, inner] of subdeployments(propspec)) {
    const gives = furtherFrom(kind, hops).map(({ hop }) => hopTypeOf(hop).gives);
    assertFurtherHops(gives.findLast((one): one is Kind => one !== "same") ?? kind, inner.propspec);
  }
}

/**
 * Whether a deployment over that chain needs a grandchild of this process: a hop that starts here can be
 * entered, and a node property is to be applied beyond it.
 */
export function needsGrandchild(chain: Chain, propspec: Prepared): boolean {
  const [first] = withoutHere(chain);
  if (first) return hopTypeOf(first.hop).enter !== undefined && hasNodeProperty(propspec);
  return subdeployments(propspec).some(([hops, inner]) => needsGrandchild(hops, inner.propspec));
}

function hasNodeProperty(propspec: Prepared): boolean {
  const inside = subdeployments(propspec).some(([, inner]) => hasNodeProperty(inner.propspec));
  return inside || firstNodeProperty(propspec) !== undefined;
}
