import type { Wire } from "../../core/index.js";
import { combinatorOf, type Prepared, propertyOf } from "../model/index.js";

/** What the node says of itself in reports. Undefined: only its parts are shown. */
export function describe(node: Prepared): string | undefined {
  if ("property" in node) {
    const property = propertyOf(node.property);
    return property.desc?.(...node.args) ?? [node.property, ...node.args.map(brief)].join(" ");
  }
  const combinator = combinatorOf(node.combinator);
  return combinator.desc?.(
    node.props.map((prop) => describe(prop) ?? inWords(prop)),
    ...node.args,
  );
}

function inWords(node: Prepared): string {
  if ("property" in node) return node.property;
  return node.props.map((prop) => describe(prop) ?? inWords(prop)).join("; ");
}

function brief(value: Wire): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
