import type { Wire } from "../../core/index.js";
import { toWire } from "../base/index.js";
import { type ConnattrKey, connattrOf, type Hop, type LookingHost } from "../model/index.js";

/** The connattrs of one connection. */
export class Connattrs {
  readonly #values: Map<string, Promise<unknown>>;

  /** The values that the connection starts with, by key: what {@link beyond} gave. */
  constructor(values: Readonly<Record<string, unknown>> = {}) {
    const known = Object.entries(values).map(
      ([key, value]) => [connattrOf(key).key, Promise.resolve(value)] as const,
    );
    this.#values = new Map(known);
  }

  /** The value, learnt now if it is not known yet. */
  async get<T>(attr: ConnattrKey<T>, host: LookingHost): Promise<T | undefined> {
    const known = this.#values.get(attr.key);
    // Only set and learn of the one attribute with this key have put it there, so it is a T.
    if (known) return (await known) as T;
    const { learn } = connattrOf(attr.key);
    if (!learn) return undefined;
    const value = learn(host) as Promise<T>;
    this.#values.set(attr.key, value);
    value.catch(() => this.#values.get(attr.key) === value && this.#values.delete(attr.key));
    return value;
  }

  /** The value is known from now on. */
  set<T>(attr: ConnattrKey<T>, value: T): void {
    this.#values.set(attr.key, Promise.resolve(value));
  }

  /** The value is to be learnt anew. */
  forget(attr: ConnattrKey): void {
    this.#values.delete(attr.key);
  }

  /** What a connection over the further hops starts with, by key. @throws InvalidArgument */
  async beyond(hops: readonly Hop[]): Promise<Readonly<Record<string, Wire>>> {
    const beyond: Record<string, Wire> = {};
    for (const [key, value] of this.#values) {
      const { propagate } = connattrOf(key);
      if (!propagate) continue;
      let carried = await value.catch(() => undefined);
      for (const hop of hops) carried = carried === undefined ? carried : propagate(carried, hop);
      if (carried !== undefined) beyond[key] = toWire(carried, `the connattr ${key}`);
    }
    return beyond;
  }
}
