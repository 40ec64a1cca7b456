import { placeholder } from "../base/index.js";
import type { Span } from "./textSet.js";

/** The text with the placeholder in the place of the spans. */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  const told: string[] = [];
  let end = 0;
  // A secret that is the very word of the placeholder is not hidden again where it stands for one.
  const isTold = ([from, to]: Span) => text.slice(from - 1, to + 1) !== placeholder;
  for (const [from, to] of joined(spans.filter(isTold))) {
    told.push(text.slice(end, from), placeholder);
    end = to;
  }
  return told.length === 0 ? text : `${told.join("")}${text.slice(end)}`;
}

/** The spans in order, those that overlap as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const all: [number, number][] = [];
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last && from < last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}
