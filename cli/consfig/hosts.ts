import path from "node:path";
import { type Host, InvalidConsfig, isHost } from "../../engine/index.js";

/**
 * The hosts that a consfig exports, by itself or in lists and records, in order.
 *
 * @throws InvalidConsfig when there are none, or two of one name.
 */
export function hostsIn(file: string, exports: Readonly<Record<string, unknown>>): readonly Host[] {
  const byName = new Map<string, { host: Host; where: string }>();
  for (const { host, where } of found(exports, "", 2)) {
    const first = byName.get(host.host);
    if (first && first.host !== host) {
      throw new InvalidConsfig(
        `${path.relative("", file)} exports two hosts called ${host.host}: ${first.where} and ${where}`,
        { hint: "give one of them another name, or do not export it" },
      );
    }
    if (!first) byName.set(host.host, { host, where });
  }
  if (byName.size === 0) {
    throw new InvalidConsfig(`${path.relative("", file)} exports no host`, {
      hint: 'e.g. export const web1 = host("web1.example.com", { deploy: [ssh()] }, …)',
    });
  }
  return [...byName.values()].map(({ host }) => host);
}

function* found(
  value: unknown,
  where: string,
  depth: number,
): Generator<{ host: Host; where: string }> {
  if (isHost(value)) yield { host: value, where };
  else if (depth >= 0 && isContainer(value)) {
    for (const [key, member] of Object.entries(value)) {
      const inside = Array.isArray(value) ? `${where}[${key}]` : `${where}.${key}`;
      yield* found(member, inside.replace(/^\./, ""), depth - 1);
    }
  }
}

/** Lists and plain records; things with code in them are not looked into. */
function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
