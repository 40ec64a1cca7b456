import { inspect } from "node:util";
import { z } from "zod";
import { located } from "../../core/definitions/index.js";
import type { Wire } from "../../core/index.js";
import { InvalidArgument, toWire } from "../base/index.js";
import { problemsIn } from "./argumentProblems.js";

/** What a property needs of the connection: a POSIX shell, or our own process on the host. */
export type Kind = "posix" | "node";

/** Whether properties are applied or unapplied. */
export type Direction = "apply" | "unapply";

/** What applying or unapplying a property did. */
export type Outcome = "changed" | "unchanged";

/**
 * What a check finds: `true` when the host is as it should be, `false` when nothing of it is there.
 * `"partly"`: there is something to apply, and something to unapply.
 */
export type Finding = boolean | "partly";

declare const kindMark: unique symbol;
declare const revertableMark: unique symbol;

/** What the compiler knows of a propspec; nothing of it exists at run time. */
interface Marks<K extends Kind, R extends boolean> {
  readonly [kindMark]?: K;
  readonly [revertableMark]?: R;
}

/** A property with its arguments: frozen plain data. */
export interface PropApp<K extends Kind = Kind, R extends boolean = boolean> extends Marks<K, R> {
  /** The property's id. */
  readonly property: string;
  readonly args: readonly Wire[];
  /** Where the person wrote it: `file:line:column`. */
  readonly at?: string;
}

/** A combinator with its options and the propspecs it combines: frozen plain data. */
export interface Combination<K extends Kind = Kind, R extends boolean = boolean>
  extends Marks<K, R> {
  /** The combinator's id. */
  readonly combinator: string;
  readonly args: readonly Wire[];
  readonly props: readonly Propspec[];
  /** Where the person wrote it: `file:line:column`. */
  readonly at?: string;
}

/** A tree of propapps and combinators. `K`: what it needs; `R`: whether it can be unapplied. */
export type Propspec<K extends Kind = Kind, R extends boolean = boolean> =
  | PropApp<K, R>
  | Combination<K, R>;

/** The kind of a propspec. */
export type KindOf<P> = P extends { readonly [kindMark]?: infer K } ? Extract<K, Kind> : never;
/** The kind of several propspecs together: `node` if any of them is. */
export type JoinKinds<K> = "node" extends K ? "node" : "posix";

/** Whether every one of the propspecs can be unapplied. */
export type RevertableAll<Ps extends readonly unknown[]> =
  false extends RevertableOf<Ps[number]> ? false : true;
type RevertableOf<P> = P extends { readonly [revertableMark]?: infer R }
  ? Extract<R, boolean>
  : never;

/** Whether the value has the shape of a propspec. Ids and arguments are checked elsewhere. */
export function isPropspec(value: unknown): value is Propspec {
  if (typeof value !== "object" || value === null) return false;
  if (!("args" in value) || !Array.isArray(value.args)) return false;
  if ("property" in value) return typeof value.property === "string";
  return (
    "combinator" in value &&
    typeof value.combinator === "string" &&
    "props" in value &&
    Array.isArray(value.props) &&
    value.props.every(isPropspec)
  );
}

/** The value, if it is a propspec. @throws InvalidArgument with a hint for the usual mistakes. */
export function asPropspec(value: unknown, where: string): Propspec {
  if (isPropspec(value)) return value;
  const isFunction = typeof value === "function";
  const what = isFunction ? "a function" : inspect(value, { depth: 0, breakLength: Infinity });
  throw new InvalidArgument(`${where} is ${what}`, {
    hint: isFunction
      ? "call the property with its arguments to get a propapp"
      : "expected a property applied to its arguments, or a combinator",
  });
}

/** The schema of an argument that is itself a propspec. */
export const propspec: z.ZodType<Propspec> = z.custom<Propspec>(
  isPropspec,
  "expected a property applied to its arguments, or a combinator",
);

/**
 * The arguments as the schema gives them: checked, defaults filled in, plain frozen data. Optional
 * ones that were given as `undefined` were not given.
 *
 * @throws InvalidArgument
 */
export function checkedArgs<A extends readonly unknown[]>(
  what: string,
  schema: z.ZodType<A>,
  args: readonly unknown[],
  at?: string,
): A & readonly Wire[] {
  return located(at, () => {
    const given = args.slice(0, args.findLastIndex((argument) => argument !== undefined) + 1);
    const parsed = schema.safeParse(toWire(given, what));
    // The schema's output went through toWire, which changes nothing but what cannot be in an A.
    if (parsed.success) return toWire(parsed.data, what) as unknown as A & readonly Wire[];
    const problems = problemsIn(parsed.error.issues, given);
    throw new InvalidArgument(`${what}: ${problems.join("; ")}`);
  });
}
