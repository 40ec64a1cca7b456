import { toWire, type Wire } from "../base/wire.js";
import type { Hop } from "../model/hop.js";
import type { LookingHost } from "../model/hostInterfaces.js";
import { registry } from "../model/registry.js";

/** A kind of connection attribute: something learnt by looking, kept as long as the connection. */
export interface Connattr<T> {
  readonly key: string;
  /** Learns the value, the first time it is asked for. Left out: undefined until it is set. */
  readonly learn?: (host: LookingHost) => Promise<T>;
  /**
   * What a connection over one more hop starts with. Left out, or undefined: nothing. It is plain
   * data, since the connection may be another process's.
   */
  readonly propagate?: (value: T, hop: Hop) => T | undefined;
}

const kinds = registry<Connattr<unknown>>("connection attribute");

/** A connection attribute of that key. Like a property it is defined once, at a module's top level. */
export function connattr<T>(key: string, rules: Omit<Connattr<T>, "key"> = {}): Connattr<T> {
  const attr: Connattr<T> = Object.freeze({ key, ...rules });
  // Rules of an attribute are only ever given values that came out of that attribute.
  kinds.define(key, attr as Connattr<unknown>);
  return attr;
}

/** The attributes of one connection. */
export class Connattrs {
  readonly #values: Map<string, Promise<unknown>>;

  /** What it starts with, by key: what {@link beyond} gave. */
  constructor(values: Readonly<Record<string, unknown>> = {}) {
    const known = Object.entries(values).map(
      ([key, value]) => [kinds.get(key).key, Promise.resolve(value)] as const,
    );
    this.#values = new Map(known);
  }

  /** The value, learnt now if it is not known yet. */
  async get<T>(attr: Connattr<T>, host: LookingHost): Promise<T | undefined> {
    const known = this.#values.get(attr.key);
    // Only set and learn of the one attribute with this key have put it there, so it is a T.
    if (known) return (await known) as T;
    if (!attr.learn) return undefined;
    const value = attr.learn(host);
    this.#values.set(attr.key, value);
    value.catch(() => this.#values.get(attr.key) === value && this.#values.delete(attr.key));
    return value;
  }

  /** The value is known from now on. */
  set<T>(attr: Connattr<T>, value: T): void {
    this.#values.set(attr.key, Promise.resolve(value));
  }

  /** The value is to be learnt anew. */
  forget(attr: Connattr<unknown>): void {
    this.#values.delete(attr.key);
  }

  /** What a connection over the further hops starts with, by key. @throws InvalidArgument */
  async beyond(hops: readonly Hop[]): Promise<Readonly<Record<string, Wire>>> {
    const beyond: Record<string, Wire> = {};
    for (const [key, value] of this.#values) {
      const { propagate } = kinds.get(key);
      if (!propagate) continue;
      let carried = await value.catch(() => undefined);
      for (const hop of hops) carried = carried === undefined ? carried : propagate(carried, hop);
      if (carried !== undefined) beyond[key] = toWire(carried, `the connection attribute ${key}`);
    }
    return beyond;
  }
}
