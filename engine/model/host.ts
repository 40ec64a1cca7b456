import type { Chain } from "./hop.js";
import type { HostattrsWire } from "./hostattrs.js";
import { isPropspec, type Kind, type Propspec } from "./propspec.js";

declare const kindMark: unique symbol;

/** A machine, container or chroot: its name, its properties, the way to it. Frozen plain data. */
export interface Host<K extends Kind = Kind> {
  /** Its fully qualified name. */
  readonly host: string;
  readonly propspec: Propspec<K>;
  /** The chain it is deployed over when none is given. */
  readonly deploy?: Chain;
  /** What is said of it besides by its properties. */
  readonly hostattrs?: HostattrsWire;
  readonly [kindMark]?: K;
}

/** Whether the value is a host. */
export function isHost(value: unknown): value is Host {
  return (
    typeof value === "object" &&
    value !== null &&
    "host" in value &&
    typeof value.host === "string" &&
    "propspec" in value &&
    isPropspec(value.propspec)
  );
}
