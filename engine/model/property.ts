import type { z } from "zod";
import { areModulesChecked, whereCalled } from "../../core/definitions/index.js";
import type { Wire } from "../../core/index.js";
import type { Hostattrs, ReadonlyHostattrs } from "./hostattrs.js";
import type { LookingHost, NodeHost, PosixHost } from "./hostInterfaces.js";
import {
  checkedArgs,
  type Finding,
  type JoinKinds,
  type Kind,
  type KindOf,
  type Outcome,
  type PropApp,
  type Propspec,
  type RevertableAll,
} from "./propspec.js";
import { registry } from "./registry.js";

/** Arguments of a property: anything whose schema gives plain data. */
export type Args = readonly unknown[];

/** A property: call it with arguments to get a propapp. It never applies anything by being called. */
export interface Property<K extends Kind, A extends Args, R extends boolean> {
  (...args: A): PropApp<K, R>;
  readonly id: string;
}

/** What every way to define a property has in common. */
interface Common<A extends Args> {
  /** Checks the arguments, when the propapp is built and again when it arrives elsewhere. */
  readonly args: z.ZodType<NoInfer<A>>;
  /** Other arguments for all subroutines but `desc`, computed from the arguments alone. */
  readonly preprocess?: (...args: A) => A;
  /** What is true of the host afterwards, in a few words. Looks at the arguments only. */
  readonly desc?: (...args: A) => string;
  /**
   * What the property says about the host, and what it requires of it. Runs in the root process,
   * before any connection is made.
   */
  readonly hostattrs?: (attrs: Hostattrs, ...args: A) => void;
}

/** A property that only says something about the host. */
export interface AttributeDefinition<A extends Args> extends Common<A> {
  readonly hostattrs: (attrs: Hostattrs, ...args: A) => void;
  readonly apply?: never;
  readonly unapply?: never;
  readonly check?: never;
}

/** A property that changes the host and cannot be unapplied. */
export interface PropertyDefinition<H, A extends Args> extends Common<A> {
  /**
   * Whether the host is already as it should be. May only look. Left out: `apply` finds out.
   *
   * What is found to be `true` is not applied, what is found to be `false` is not unapplied: say
   * `"partly"` when only some of it is there, or another version of it.
   */
  readonly check?: (host: LookingHost, ...args: A) => Promise<Finding>;
  /** Makes it so, and says whether that changed anything. */
  readonly apply: (host: H, ...args: A) => Promise<Outcome>;
  readonly unapply?: never;
}

/** A property that changes the host and can be unapplied. */
export interface RevertableDefinition<H, A extends Args>
  extends Omit<PropertyDefinition<H, A>, "unapply"> {
  /** Undoes what apply does. Not called when `check` says that there is nothing to undo. */
  readonly unapply: (host: H, ...args: A) => Promise<Outcome>;
}

/** A property that is a list of others. They are applied in order; the first failure ends it. */
export interface PropListDefinition<A extends Args, Ps extends readonly Propspec[]>
  extends Common<A> {
  readonly check?: (host: LookingHost, ...args: A) => Promise<Finding>;
  readonly props: (...args: A) => Ps;
}

/** A property that is a list of others, computed by code that may read the hostattrs. */
export interface PropSpecDefinition<A extends Args, Ps extends readonly Propspec[]>
  extends Common<A> {
  readonly check?: (host: LookingHost, ...args: A) => Promise<Finding>;
  readonly props: (attrs: ReadonlyHostattrs, ...args: A) => Ps;
}

/** A property as the engine sees it, whatever way it was defined. */
export interface AnyProperty {
  readonly id: string;
  /** Undefined: the kind of what it expands to. */
  readonly kind: Kind | undefined;
  readonly args: z.ZodType<Args>;
  readonly desc?: (...args: Args) => string;
  readonly preprocess?: (...args: Args) => Args;
  readonly hostattrs?: (attrs: Hostattrs, ...args: Args) => void;
  readonly check?: (host: LookingHost, ...args: Args) => Promise<Finding>;
  readonly apply?: (host: NodeHost, ...args: Args) => Promise<Outcome>;
  readonly unapply?: (host: NodeHost, ...args: Args) => Promise<Outcome>;
  /** The properties it stands for. Without hostattrs for a propList. */
  readonly expand?: (attrs: ReadonlyHostattrs, ...args: Args) => readonly Propspec[];
}

const properties = registry<AnyProperty>("property");

/** The property of that id. @throws UnknownDefinition */
export const propertyOf = properties.get;

/** The ids of all properties that are loaded. */
export const propertyIds = properties.ids;

/** A property that a POSIX shell on the host is enough for. */
// The most usual overload stands last: the compiler words its complaints after the last one.
export function posixProperty<A extends Args>(
  id: string,
  definition: RevertableDefinition<PosixHost, A>,
): Property<"posix", A, true>;
export function posixProperty<A extends Args>(
  id: string,
  definition: AttributeDefinition<A>,
): Property<"posix", A, true>;
export function posixProperty<A extends Args>(
  id: string,
  definition: PropertyDefinition<PosixHost, A>,
): Property<"posix", A, false>;
export function posixProperty(id: string, definition: object): Property<"posix", Args, boolean> {
  return define(id, "posix", definition);
}

/** A property that needs our own process on the host: a Node image, or the `local` hop. */
export function nodeProperty<A extends Args>(
  id: string,
  definition: RevertableDefinition<NodeHost, A>,
): Property<"node", A, true>;
export function nodeProperty<A extends Args>(
  id: string,
  definition: PropertyDefinition<NodeHost, A>,
): Property<"node", A, false>;
export function nodeProperty(id: string, definition: object): Property<"node", Args, boolean> {
  return define(id, "node", definition);
}

/**
 * A property that is a list of others, of whatever kind they need.
 *
 * Annotate the parameters of `props`: they name and type the property's arguments.
 */
export function propList<A extends Args, const Ps extends readonly Propspec[]>(
  id: string,
  definition: PropListDefinition<A, Ps>,
): Property<JoinKinds<KindOf<Ps[number]>>, A, RevertableAll<Ps>> {
  const { props, ...common } = definition;
  return define(id, undefined, {
    ...common,
    expand: (_attrs: ReadonlyHostattrs, ...args: A) => props(...args),
  });
}

/** A property that is a list of others, computed by code that may read the host's hostattrs. */
export function propSpec<
  K extends Kind,
  A extends Args,
  const Ps extends readonly Propspec<NoInfer<K>>[],
>(id: string, kind: K, definition: PropSpecDefinition<A, Ps>): Property<K, A, RevertableAll<Ps>> {
  const { props, ...common } = definition;
  return define(id, kind, { ...common, expand: props });
}

function define<K extends Kind, A extends Args, R extends boolean>(
  id: string,
  kind: Kind | undefined,
  definition: object,
): Property<K, A, R> {
  // The overloads above are what a definition is checked against; the engine calls its subroutines
  // only with arguments that `args` has let through, so their types can be forgotten here.
  const property = { ...definition, id, kind } as AnyProperty;
  properties.define(id, property);
  const build = (...args: Args): PropApp<K, R> =>
    areModulesChecked()
      ? { property: id, args: args as readonly Wire[] } // of the right form where it was prepared
      : propApp(property, args, whereCalled());
  return Object.assign(build, { id });
}

/** A frozen propapp. @throws InvalidArgument when the arguments don't satisfy the property's schema. */
function propApp<K extends Kind, R extends boolean>(
  property: AnyProperty,
  given: Args,
  at: string | undefined,
): PropApp<K, R> {
  const args = checkedArgs(property.id, property.args, given, at);
  const made = Object.freeze({ property: property.id, args, ...(at === undefined ? {} : { at }) });
  checked.add(made);
  return made;
}

const checked = new WeakSet<PropApp>();

/** Whether the propapp's arguments were checked when it was made. Other values may have its shape. */
export function isChecked(propapp: PropApp): boolean {
  return checked.has(propapp);
}
