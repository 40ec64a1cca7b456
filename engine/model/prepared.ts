import type { Wire } from "../../core/index.js";
import type { HostattrsWire } from "./hostattrs.js";

/** A propapp whose hostattrs have been said. */
export interface PreparedApp {
  /** Its place in the tree: `2.1` is the second child of the third. */
  readonly path: string;
  readonly property: string;
  /** After `preprocess`. */
  readonly args: readonly Wire[];
  readonly at?: string;
  /** What a propList or propSpec stands for on this host. */
  readonly expansion?: PreparedCombination;
}

/** A combination all of whose parts are prepared. */
export interface PreparedCombination {
  readonly path: string;
  readonly combinator: string;
  readonly args: readonly Wire[];
  readonly at?: string;
  readonly props: readonly Prepared[];
  /** The host that a subdeployment is about. */
  readonly host?: PreparedHost;
}

/** A propspec ready to be applied: plain data, decided in every respect but the host's state. */
export type Prepared = PreparedApp | PreparedCombination;

/** A host ready to be deployed. */
export interface PreparedHost {
  readonly name: string;
  readonly hostattrs: HostattrsWire;
  readonly propspec: Prepared;
}
