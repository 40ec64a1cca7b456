import type { z } from "zod";
import { areModulesChecked, located, whereCalled } from "../../core/definitions/index.js";
import type { Wire } from "../../core/index.js";
import type { Chain } from "./hop.js";
import type { Host } from "./host.js";
import type { ReadonlyHostattrs } from "./hostattrs.js";
import type { LookingHost, NodeHost } from "./hostInterfaces.js";
import type { Prepared, PreparedCombination } from "./prepared.js";
import type { Direction } from "./propspec.js";
import {
  asPropspec,
  type Combination,
  checkedArgs,
  type Kind,
  type Outcome,
  type Propspec,
} from "./propspec.js";
import { registry } from "./registry.js";

/** How a sequence treats a child that fails. Without `skip` and `until` the failure ends the sequence. */
export interface SequenceOptions {
  readonly direction: Direction;
  /** A child that fails is left behind, and the sequence goes on with the next one. */
  readonly skip?: boolean;
  /** An error with this code ends the sequence, and is no failure. */
  readonly until?: string;
}

/**
 * A prepared propspec being applied, as combinators see it: they apply their props through it, and
 * every propapp that passes here ends in the report as exactly one of changed, unchanged, failed and
 * not reached.
 */
export interface Applier {
  /** The host as a check sees it. */
  readonly looking: LookingHost;
  /** The host as apply sees it. */
  readonly host: NodeHost;
  /** Applies the prop. Without one there is nothing to do. */
  apply(prop: Prepared | undefined): Promise<Outcome>;
  /** Unapplies the prop. Without one there is nothing to do. */
  unapply(prop: Prepared | undefined): Promise<Outcome>;
  /** Applies the props one after the other, or unapplies them in reverse order. */
  sequence(props: readonly Prepared[], options: SequenceOptions): Promise<Outcome>;
  /** Given the outcome of the first of several props, applies the others in order if it is `changed`. */
  followedBy(outcome: Outcome, then: readonly Prepared[]): Promise<Outcome>;
  /** The props are applied at once, each in a shell of its own. */
  concurrently(props: readonly Prepared[], direction: Direction): Promise<Outcome>;
  /** The combination's host is deployed over hops that start where this connection ends. */
  subdeployment(node: PreparedCombination, hops: Chain, direction: Direction): Promise<Outcome>;
  /** The same application, in which only failures are shown. */
  silenced(): Applier;
  /** The same application with another HOME and working directory. */
  withHome(where: { user: string } | { directory: string }): Promise<Applier>;
  /** The props are reported as not reached; `needed`: they would have been, had all gone well. */
  leaveOut(props: readonly Prepared[], reason: string, needed?: boolean): void;
}

/** How a combinator works. Its options are `A`; what it combines are its props. */
export interface CombinatorDefinition<A extends readonly unknown[]> {
  /** Checks the options, when the combination is built and again when it arrives elsewhere. */
  readonly args: z.ZodType<NoInfer<A>>;
  /** A line of its own in reports. Left out: only what it combines is shown. */
  readonly desc?: (props: readonly string[], ...args: A) => string;
  /** Whether the hostattrs of the prop with that index are thrown away. They are kept by default. */
  readonly discardsHostattrs?: (index: number, ...args: A) => boolean;
  /** Which one of the props is meant, by the hostattrs so far; decided once, in the root process. */
  readonly choose?: (attrs: ReadonlyHostattrs, ...args: A) => number | undefined;
  /**
   * Whether its props are applied over further hops: their hostattrs are kept, their data are their
   * own.
   */
  readonly reconnects?: boolean;
  /** The further hops that its props, or the other host, are reached over. */
  readonly hops?: (...args: A) => Chain;
  /** The other host that a subdeployment is about. */
  readonly subhost?: (...args: A) => Host;
  /**
   * How many of `count` props, from the first, are surely checked when their turn comes. None by
   * default.
   */
  readonly looksAt?: (count: number) => number;
  /** How often each of its props is applied or unapplied, at most. Once by default. */
  readonly repeats?: number;
  apply(run: Applier, node: PreparedCombination, ...args: A): Promise<Outcome>;
  unapply(run: Applier, node: PreparedCombination, ...args: A): Promise<Outcome>;
}

/** A combinator as the engine sees it, whatever its options are. */
export type AnyCombinator = CombinatorDefinition<readonly unknown[]>;

const combinators = registry<AnyCombinator>("combinator");

/** The combinator of that id. @throws UnknownDefinition */
export const combinatorOf = combinators.get;

/** Builds combinations of one combinator: from its options, and the propspecs it combines. */
export type Combine<A extends readonly unknown[]> = <K extends Kind, R extends boolean>(
  args: A,
  props: readonly Propspec[],
) => Combination<K, R>;

/**
 * A combinator: a way to make one propspec of several.
 *
 * What it returns builds combinations; wrap it in a function whose types tell the kind and whether
 * the combination can be unapplied.
 */
export function combinator<A extends readonly unknown[]>(
  id: string,
  definition: CombinatorDefinition<A>,
): Combine<A> {
  // The engine calls the definition only with options that its own schema has let through.
  combinators.define(id, definition as unknown as AnyCombinator);
  return (args, props) => {
    // The options were checked where the host was prepared.
    if (areModulesChecked())
      return { combinator: id, args: args as readonly unknown[] as readonly Wire[], props };
    const at = whereCalled();
    const checked = checkedArgs(id, definition.args, args, at);
    return Object.freeze({
      combinator: id,
      args: checked,
      props: Object.freeze(
        located(at, () => props.map((prop, i) => asPropspec(prop, `${id}, property ${i + 1}`))),
      ),
      ...(at === undefined ? {} : { at }),
    });
  };
}
