import type { Hop } from "./hop.js";
import type { LookingHost } from "./hostAccess.js";

/** A kind of connection attribute: something learnt by looking, kept as long as the connection. */
export interface Connattr<T> {
  readonly key: string;
  /** Learns the value, the first time it is asked for. Left out: undefined until it is set. */
  readonly learn?: (host: LookingHost) => Promise<T>;
  /** What a connection over one more hop starts with. Left out: nothing. */
  readonly propagate?: (value: T, hop: Hop) => T | undefined;
}

/** A connection attribute of that key. */
export function connattr<T>(key: string, rules: Omit<Connattr<T>, "key"> = {}): Connattr<T> {
  return Object.freeze({ key, ...rules });
}

interface Entry {
  readonly attr: Connattr<unknown>;
  readonly value: Promise<unknown>;
}

/** The attributes of one connection. */
export class Connattrs {
  readonly #entries: Map<string, Entry>;

  constructor(entries: Iterable<readonly [string, Entry]> = []) {
    this.#entries = new Map(entries);
  }

  /** The value, learnt now if it is not known yet. */
  async get<T>(attr: Connattr<T>, host: LookingHost): Promise<T | undefined> {
    const known = this.#entries.get(attr.key);
    // An entry was made by set or by learn of an attribute with this key, so it holds a T.
    if (known) return (await known.value) as T;
    if (!attr.learn) return undefined;
    const value = attr.learn(host);
    this.#keep(attr, value);
    value.catch(() => this.#entries.delete(attr.key));
    return value;
  }

  /** The value is known from now on. */
  set<T>(attr: Connattr<T>, value: T): void {
    this.#keep(attr, Promise.resolve(value));
  }

  /** The value is to be learnt anew. */
  forget(attr: Connattr<unknown>): void {
    this.#entries.delete(attr.key);
  }

  /** These attributes with one of them changed; they themselves stay as they are. */
  with<T>(attr: Connattr<T>, value: T): Connattrs {
    const changed = new Connattrs(this.#entries);
    changed.set(attr, value);
    return changed;
  }

  /** What a connection over the further hops starts with. */
  async beyond(hops: readonly Hop[]): Promise<Connattrs> {
    const beyond: [string, Entry][] = [];
    for (const [key, { attr, value }] of this.#entries) {
      if (!attr.propagate) continue;
      let carried: unknown = await value;
      for (const hop of hops)
        carried = carried === undefined ? carried : attr.propagate(carried, hop);
      if (carried !== undefined) beyond.push([key, { attr, value: Promise.resolve(carried) }]);
    }
    return new Connattrs(beyond);
  }

  #keep<T>(attr: Connattr<T>, value: Promise<T>): void {
    // Rules of an attribute are only ever given values that came out of that attribute.
    this.#entries.set(attr.key, { attr: attr as Connattr<unknown>, value });
  }
}
