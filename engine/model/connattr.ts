import type { Hop } from "./hop.js";
import type { ConnattrKey, LookingHost } from "./hostInterfaces.js";
import { registry } from "./registry.js";

/** A connattr: something that is learnt of a connection by looking, and kept as long as it lasts. */
export interface Connattr<T> extends ConnattrKey<T> {
  /** Learns the value, the first time it is asked for. Left out: undefined until it is set. */
  readonly learn?: (host: LookingHost) => Promise<T>;
  /**
   * What a connection over one more hop starts with. Left out, or undefined: nothing. It is plain
   * data, since the connection may be another process's.
   */
  readonly propagate?: (value: T, hop: Hop) => T | undefined;
}

const connattrs = registry<Connattr<unknown>>("connattr");

/** The connattr of that key, with its rules. @throws UnknownDefinition */
export const connattrOf = connattrs.get;

/** The connattr of that key. Like a property it is defined once, at a module's top level. */
export function connattr<T>(
  key: string,
  rules: Omit<Connattr<T>, keyof ConnattrKey<T>> = {},
): Connattr<T> {
  const attr: Connattr<T> = Object.freeze({ key, ...rules });
  // Rules of a connattr are only ever given values that came out of that connattr.
  connattrs.define(key, attr as Connattr<unknown>);
  return attr;
}
