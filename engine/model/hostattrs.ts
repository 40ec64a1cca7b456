import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Wire } from "../../core/index.js";
import { InapplicableProperty, InvalidArgument, toWire } from "../base/index.js";
import type { Propspec } from "./propspec.js";

/** A hostattr, that is a kind of attribute of hosts: its key, and what a value of it looks like. */
export interface Hostattr<T extends Wire> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
}

/**
 * The hostattr of that key. What several values of it mean (newest wins, all count) is each key's
 * own.
 */
export function hostattr<T extends Wire>(key: string, schema: z.ZodType<T>): Hostattr<T> {
  return Object.freeze({ key, schema });
}

/** The host's fully qualified name. Newest wins. */
export const hostnameAttr: Hostattr<string> = hostattr("hostname", z.string().min(1));

/** Prerequisite data the host needs: pairs of iden1 and iden2. All count. */
export const dataAttr: Hostattr<readonly [string, string]> = hostattr(
  "data",
  z.tuple([z.string(), z.string()]),
);

/** A condition that a property puts on the hosts it may be applied to. */
export interface Requirement {
  /** Completes "the host must be …". */
  readonly requirement: string;
  holds(attrs: ReadonlyHostattrs): boolean;
}

/** What the consfig says about a host, known before it is contacted. */
export interface ReadonlyHostattrs {
  /** All values of the key, newest first. */
  get<T extends Wire>(attr: Hostattr<T>): readonly T[];
  /** The newest value of the key. */
  first<T extends Wire>(attr: Hostattr<T>): T | undefined;
  /** The host's fully qualified name. */
  readonly hostname: string;
  /** The attributes of the host that contains this one, e.g. of a chroot's machine. */
  readonly parent: ReadonlyHostattrs | undefined;
  /** Whether the host satisfies the requirement. */
  satisfies(requirement: Requirement): boolean;
}

/** Hostattrs as plain data. Lists are newest first. */
export interface HostattrsWire {
  readonly attrs: { readonly [key: string]: readonly Wire[] };
  readonly parent?: HostattrsWire;
}

/** A host's attributes while its propspec is being prepared: the only time they grow. */
export class Hostattrs implements ReadonlyHostattrs {
  readonly #attrs: Map<string, Wire[]>;
  readonly parent: Hostattrs | undefined;
  /**
   * Prepares a propspec with these hostattrs. The room `prepare` sets it: this room may not import
   * that one.
   */
  prepare?: (propspec: Propspec, attrs: Hostattrs) => unknown;

  constructor(wire: HostattrsWire = { attrs: {} }) {
    this.#attrs = new Map(Object.entries(wire.attrs).map(([key, values]) => [key, [...values]]));
    this.parent = wire.parent && new Hostattrs(wire.parent);
  }

  get<T extends Wire>(attr: Hostattr<T>): readonly T[] {
    // Values got in through push, which checked them against this key's schema.
    return (this.#attrs.get(attr.key) ?? []) as unknown as readonly T[];
  }

  first<T extends Wire>(attr: Hostattr<T>): T | undefined {
    return this.get(attr)[0];
  }

  get hostname(): string {
    return this.first(hostnameAttr) ?? "(no name)";
  }

  satisfies(requirement: Requirement): boolean {
    return requirement.holds(this);
  }

  /** The values are the newest of the key, in the order given. */
  push<T extends Wire>(attr: Hostattr<T>, ...values: readonly T[]): void {
    const checked = values.map((value) => {
      const parsed = attr.schema.safeParse(value);
      if (!parsed.success) {
        throw new InvalidArgument(
          `${JSON.stringify(value)} is no value for the hostattr ${attr.key}: ${z.prettifyError(parsed.error)}`,
        );
      }
      return toWire(parsed.data, `hostattr ${attr.key}`);
    });
    this.#attrs.set(attr.key, [...checked, ...(this.#attrs.get(attr.key) ?? [])]);
  }

  /** Like push, for those values the key does not have yet. */
  pushNew<T extends Wire>(attr: Hostattr<T>, ...values: readonly T[]): void {
    const known = this.get(attr);
    this.push(
      attr,
      ...values.filter(
        (value, index) =>
          !known.some((one) => isDeepStrictEqual(one, value)) &&
          values.findIndex((one) => isDeepStrictEqual(one, value)) === index,
      ),
    );
  }

  /** Nothing, if the host satisfies the requirement. @throws InapplicableProperty */
  require(requirement: Requirement): void {
    if (this.satisfies(requirement)) return;
    throw new InapplicableProperty(`${this.hostname} must be ${requirement.requirement}`, {
      hint: "say so in the host's properties, before the property that needs it",
    });
  }

  /** The root process will supply that item of prerequisite data to this host. */
  requireData(iden1: string, iden2: string): void {
    this.pushNew(dataAttr, [iden1, iden2]);
  }

  /** Says what the propspec says: for a property that applies others as a part of itself. */
  of(propspec: Propspec): void {
    this.prepare?.(propspec, this);
  }

  /** The keys of which the other hostattrs have a value that these lack. */
  lacking(other: Hostattrs): readonly string[] {
    return [...other.#attrs]
      .filter(([key, values]) => {
        const own = this.#attrs.get(key) ?? [];
        return values.some((value) => !own.some((one) => isDeepStrictEqual(one, value)));
      })
      .map(([key]) => key);
  }

  /** A copy that can grow on its own; `without` keys start empty. */
  copy(...without: readonly Hostattr<Wire>[]): Hostattrs {
    const wire = this.toWire();
    const attrs = Object.fromEntries(
      Object.entries(wire.attrs).filter(([key]) => !without.some((attr) => attr.key === key)),
    );
    const copy = new Hostattrs({ ...wire, attrs });
    if (this.prepare) copy.prepare = this.prepare;
    return copy;
  }

  /** Everything the other has replaces what is here, except for the given keys. */
  replaceBy(other: Hostattrs, ...except: readonly Hostattr<Wire>[]): void {
    for (const [key, values] of other.#attrs) {
      if (!except.some((attr) => attr.key === key)) this.#attrs.set(key, [...values]);
    }
  }

  /** As plain data. */
  toWire(): HostattrsWire {
    const attrs = Object.fromEntries([...this.#attrs].map(([key, values]) => [key, [...values]]));
    return this.parent ? { attrs, parent: this.parent.toWire() } : { attrs };
  }
}
