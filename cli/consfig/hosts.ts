import path from "node:path";
import { type Host, type HostList, InvalidConsfig, isHost } from "../../engine/index.js";
import { type Exported, noHost } from "./exported.js";
import { failsToCompute } from "./loadingError.js";
import { waiting } from "./waiting.js";

/** A host, and what of the consfig's exports it is, in words. */
interface Found {
  readonly host: Host;
  readonly where: string;
}

/**
 * The hosts among the exports, with those of the lists, which are computed now, all at once.
 *
 * @throws InvalidConsfig when a list cannot be computed, when there are no hosts, or two of one name.
 */
export async function hostsOf(
  file: string,
  exported: readonly Exported[],
): Promise<readonly Host[]> {
  const found = await Promise.all(
    exported.map(async ({ value, where }) =>
      isHost(value) ? [{ host: value, where }] : computed(value, where),
    ),
  );
  const byName = new Map<string, Found>();
  for (const one of found.flat()) {
    const { host, where } = one;
    const first = byName.get(host.host);
    if (first && first.host !== host) {
      throw new InvalidConsfig(
        `${path.relative("", file)} exports two hosts called ${host.host}: ${first.where} and ${where}`,
        { hint: "give one of them another name, or do not export it" },
      );
    }
    if (!first) byName.set(host.host, one);
  }
  if (byName.size > 0) return [...byName.values()].map(({ host }) => host);
  const lists = exported.map(({ where }) => where).join(", ");
  throw noHost(`${path.relative("", file)} exports no host: there is none in ${lists}`);
}

/** The hosts of the list. @throws InvalidConsfig, which names it */
async function computed(list: HostList, where: string): Promise<readonly Found[]> {
  const hosts: Found[] = [];
  const what = `the list of hosts ${where}`;
  waiting.add(what);
  try {
    for await (const value of list.computed()) {
      const here = `${where}[${hosts.length}]`;
      if (isHost(value)) hosts.push({ host: value, where: here });
      else throw new InvalidConsfig(`${here} is ${inWords(value)}`, { hint: "expected a host" });
    }
    return hosts;
  } catch (error) {
    throw failsToCompute(`the hosts of ${where}`, error);
  } finally {
    waiting.delete(what);
  }
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "a list" : `a value of the type ${typeof value}`;
}
