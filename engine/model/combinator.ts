import type { z } from "zod";
import { located, whereCalled } from "../../core/definitions/location.js";
import type { Application } from "../apply/application.js";
import type { Wire } from "../base/wire.js";
import type { PreparedCombination } from "../prepare/prepare.js";
import type { Chain } from "./hop.js";
import type { Host } from "./host.js";
import type { ReadonlyHostattrs } from "./hostattrs.js";
import {
  asPropspec,
  type Combination,
  checkedArgs,
  type Kind,
  type Outcome,
  type Propspec,
} from "./propspec.js";
import { areModulesChecked, registry } from "./registry.js";

/** How a combinator works. Its options are `A`; what it combines are its props. */
export interface CombinatorDefinition<A extends readonly unknown[]> {
  /** Checks the options, when the combination is built and again when it arrives elsewhere. */
  readonly args: z.ZodType<NoInfer<A>>;
  /** A line of its own in reports. Left out: only what it combines is shown. */
  readonly desc?: (props: readonly string[], ...args: A) => string;
  /** Those of the props whose hostattrs are not kept. None by default. */
  readonly discardsHostattrs?: (index: number, ...args: A) => boolean;
  /** Which one of the props is meant, by the hostattrs so far; decided once, in the root process. */
  readonly choose?: (attrs: ReadonlyHostattrs, ...args: A) => number | undefined;
  /** Applies its props over further hops: what hostattrs they say is kept, with data of their own. */
  readonly reconnects?: boolean;
  /** The further hops that its props, or the other host, are reached over. */
  readonly hops?: (...args: A) => Chain;
  /** The other host that a subdeployment is about. */
  readonly subhost?: (...args: A) => Host;
  /** How many of the props, from the first, will surely be checked first thing. None by default. */
  readonly looksAt?: (count: number) => number;
  apply(run: Application, node: PreparedCombination, ...args: A): Promise<Outcome>;
  unapply(run: Application, node: PreparedCombination, ...args: A): Promise<Outcome>;
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
    // They were of the right form where the host was prepared.
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
