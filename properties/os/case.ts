import { z } from "zod";
import {
  combinator,
  InapplicableProperty,
  type JoinKinds,
  type KindOf,
  type Propspec,
  type ReadonlyHostattrs,
  type RevertableAll,
} from "../../engine/index.js";
import { lineage, type OsClass, osClasses, osOf } from "./classes.js";

/** What is to be done for each of several operating systems, and for all others. */
export type OsClauses = { readonly [C in OsClass | "otherwise"]?: Propspec };

/** What is to be done for each of several suites, and (`otherwise`) for all others. */
export type SuiteClauses = { readonly [suite: string]: Propspec };

/** Whichever is chosen, it is one of the clauses: what all of them need, what all of them can. */
type OneOf<C> = Propspec<JoinKinds<KindOf<C[keyof C]>>, RevertableAll<C[keyof C][]>>;

const combineOsCase = combinator<[strict: boolean, classes: readonly (OsClass | "otherwise")[]]>(
  "osCase",
  {
    args: z.tuple([z.boolean(), z.array(z.enum([...osClasses, "otherwise"])).min(1)]),
    choose(attrs, strict, classes) {
      const own = osOf(attrs);
      const nearest = own && lineage(own.class).find((above) => classes.includes(above));
      return chosen(attrs, classes, nearest, strict || own === undefined);
    },
    looksAt: (count) => count,
    apply: (run, node) => run.apply(node.props[0]),
    unapply: (run, node) => run.unapply(node.props[0]),
  },
);

const combineSuiteCase = combinator<[strict: boolean, suites: readonly string[]]>(
  "debianSuiteCase",
  {
    args: z.tuple([z.boolean(), z.array(z.string()).min(1)]),
    choose(attrs, strict, suites) {
      const own = osOf(attrs);
      const suite = own && lineage(own.class).includes("debianlike") ? own.suite : undefined;
      return chosen(attrs, suites, suite, strict || suite === undefined);
    },
    looksAt: (count) => count,
    apply: (run, node) => run.apply(node.props[0]),
    unapply: (run, node) => run.unapply(node.props[0]),
  },
);

/** The place of the clause. None: that of `otherwise`. @throws InapplicableProperty if `needed` */
function chosen(
  attrs: ReadonlyHostattrs,
  clauses: readonly string[],
  name: string | undefined,
  needed: boolean,
): number | undefined {
  for (const clause of [name, "otherwise"]) {
    const index = clause === undefined ? -1 : clauses.indexOf(clause);
    if (index >= 0) return index;
  }
  if (!needed) return undefined;
  const own = osOf(attrs);
  const is = own
    ? [own.class, own.suite].filter(Boolean).join(" ")
    : "of no known operating system";
  throw new InapplicableProperty(
    `${attrs.hostname} is ${is}, and there are clauses for ${clauses.join(", ")} only`,
    { hint: "say the operating system before this, or add a clause (`otherwise` is for the rest)" },
  );
}

/**
 * The property of the clause for the host's operating system: of the nearest class there is one
 * for, whatever the order, else of `otherwise`, else none.
 *
 * @throws InapplicableProperty when the consfig does not say what operating system the host has
 * @example os.osCase({ debianlike: apt.installed("ntp"), otherwise: cmd.single("true") })
 */
export function osCase<const C extends OsClauses>(clauses: C): OneOf<C> {
  return combineOsCase([false, keysOf(clauses)], valuesOf(clauses));
}

/** Like {@link osCase}, for a host that must be of one of the classes. */
export function strictOsCase<const C extends OsClauses>(clauses: C): OneOf<C> {
  return combineOsCase([true, keysOf(clauses)], valuesOf(clauses));
}

/**
 * The property of the clause for the host's suite, such as `bookworm`, `unstable` or `noble`, else
 * of `otherwise`, else none.
 *
 * @throws InapplicableProperty when the consfig does not say that the host has a suite of Debian or
 *   of a derivative
 */
export function debianSuiteCase<const C extends SuiteClauses>(clauses: C): OneOf<C> {
  return combineSuiteCase([false, Object.keys(clauses)], valuesOf(clauses));
}

/** Like {@link debianSuiteCase}, for a host that must have one of the suites. */
export function strictDebianSuiteCase<const C extends SuiteClauses>(clauses: C): OneOf<C> {
  return combineSuiteCase([true, Object.keys(clauses)], valuesOf(clauses));
}

function keysOf(clauses: OsClauses): readonly (OsClass | "otherwise")[] {
  return Object.keys(clauses) as (OsClass | "otherwise")[];
}

function valuesOf(clauses: { readonly [name: string]: Propspec | undefined }): Propspec[] {
  return Object.values(clauses).filter((clause) => clause !== undefined);
}
