import path from "node:path";
import { type Host, HostList, InvalidConsfig, isHost } from "../../engine/index.js";

/** A host that a consfig exports, or a list that is still to be computed, and where. */
export interface Exported {
  readonly value: Host | HostList;
  readonly where: string;
}

/**
 * The hosts and lists of hosts that a consfig exports, by themselves or in lists and records, in order.
 *
 * @throws InvalidConsfig when there are none
 */
export function exportedBy(
  file: string,
  exports: Readonly<Record<string, unknown>>,
): readonly Exported[] {
  const all = [...found(exports, "", 2)];
  if (all.length > 0) return all;
  throw noHost(`${path.relative("", file)} exports no host`);
}

/** The error for a consfig without hosts. */
export function noHost(message: string): InvalidConsfig {
  return new InvalidConsfig(message, {
    hint: 'e.g. export const web1 = host("web1.example.com", { deploy: [ssh()] }, …)',
  });
}

function* found(value: unknown, where: string, depth: number): Generator<Exported> {
  if (isHost(value) || value instanceof HostList) yield { value, where };
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
