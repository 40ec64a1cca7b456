import { InvalidArgument } from "../base/index.js";
import type { Host } from "./host.js";

/** Hosts, as a list, one after the other, or one after the other as they become known. */
export type Hosts = Iterable<Host> | AsyncIterable<Host>;

/** A list of hosts that is computed when it is needed. */
export class HostList {
  readonly #compute: () => Hosts | Promise<Hosts>;

  constructor(compute: () => Hosts | Promise<Hosts>) {
    this.#compute = compute;
    Object.freeze(this);
  }

  /** What it gives, one after the other; nobody has looked yet whether these are hosts. */
  async *computed(): AsyncGenerator<unknown> {
    const hosts: unknown = await this.#compute();
    if (!isIterable(hosts)) throw new InvalidArgument("the function gives no list of hosts");
    yield* hosts;
  }
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

/**
 * Hosts of a consfig that exports this: the `consfig` command computes them, once, after the consfig
 * has loaded, and only when hosts are needed. Nothing is computed in Node images. Properties, hop
 * types and forms are defined outside of it.
 *
 * @throws InvalidArgument when something else than a function is given
 * @example export const cloud = hostsFrom(async () => (await machines()).map((name) => host(name)));
 */
export function hostsFrom(compute: () => Hosts | Promise<Hosts>): HostList {
  if (typeof compute === "function") return new HostList(compute);
  throw new InvalidArgument("hostsFrom takes a function that gives hosts", {
    hint: "hosts that are there already are exported as they are, or in a list",
  });
}
