import { isPropspec, type Propspec, UsageError } from "../../engine/index.js";
import type { Prepared } from "../../engine/model/index.js";
import { describe } from "../../engine/prepare/index.js";
import { didYouMean } from "../suggest.js";

/** Combinators that still mean something sensible when some of what they combine is left out. */
const thinnable = new Set([
  "keepGoing",
  "inOrder",
  "inOrderUntil",
  "silently",
  "described",
  "concurrently",
  "withHome",
  "over",
]);

/**
 * What is left of the propspec when only the propapps are wanted that one of the patterns matches;
 * undefined when none is. Others, e.g. `onChange`, are kept whole if anything in them matches.
 */
export function onlyMatching(spec: Propspec, patterns: readonly string[]): Propspec | undefined {
  if (patterns.some((pattern) => matches(spec, pattern))) return spec;
  if (!("combinator" in spec)) return undefined;
  const props = spec.props.flatMap((prop) => onlyMatching(prop, patterns) ?? []);
  if (props.length === 0) return undefined;
  return thinnable.has(spec.combinator) ? { ...spec, props } : spec;
}

/** The error for patterns that match nothing of any of the propspecs. */
export function nothingMatches(
  patterns: readonly string[],
  specs: readonly Propspec[],
): UsageError {
  const known = [...new Set(specs.flatMap(idsIn))].sort();
  return new UsageError(`no property of these hosts matches ${patterns.join(" or ")}`, {
    hint: didYouMean(patterns[0] ?? "", known),
  });
}

function idsIn(spec: Propspec): readonly string[] {
  return "property" in spec ? [spec.property] : spec.props.flatMap(idsIn);
}

/** An id (`apt.installed`), the first part of one (`apt`), or a part of the description. */
function matches(spec: Propspec, pattern: string): boolean {
  const id = "property" in spec ? spec.property : spec.combinator;
  if (id === pattern || id.startsWith(`${pattern}.`)) return true;
  const description = describe(asPrepared(spec));
  return description?.toLowerCase().includes(pattern.toLowerCase()) ?? false;
}

/** Descriptions look at ids and arguments only, which are there already. */
function asPrepared(spec: Propspec): Prepared {
  const { args } = spec;
  if ("property" in spec) return { path: "", property: spec.property, args };
  const props = spec.props.filter(isPropspec).map(asPrepared);
  return { path: "", combinator: spec.combinator, args, props };
}
