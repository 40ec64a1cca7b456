import { type Host, UnknownHost } from "../../engine/index.js";
import { didYouMean } from "../suggest.js";

/**
 * The hosts with these names, in the consfig's order; all of them when no names are given. `*` in a
 * name stands for anything.
 *
 * @throws UnknownHost
 */
export function selectHosts(hosts: readonly Host[], names: readonly string[]): readonly Host[] {
  if (names.length === 0) return hosts;
  const patterns = names.map((name) => ({ name, pattern: patternOf(name) }));
  for (const { name, pattern } of patterns) {
    if (hosts.some(({ host }) => pattern.test(host))) continue;
    const known = hosts.map(({ host }) => host);
    throw new UnknownHost(`no host of the consfig is called ${name}`, {
      name,
      hint: didYouMean(name, known),
    });
  }
  return hosts.filter(({ host }) => patterns.some(({ pattern }) => pattern.test(host)));
}

function patternOf(name: string): RegExp {
  const literal = name.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "i");
}
