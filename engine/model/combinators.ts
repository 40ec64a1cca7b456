import path from "node:path/posix";
import { z } from "zod";
import {
  AbortedChange,
  codesOf,
  type ErrorClass,
  FailedChange,
  script,
  type Words,
} from "../base/index.js";
import { combinator } from "./combinator.js";
import { type Chain, describeChain, hopThat, isHop } from "./hop.js";
import type { JoinKinds, Kind, KindOf, Propspec, RevertableAll } from "./propspec.js";

const noOptions = z.tuple([]);

/** The type of a combination that applies and unapplies all it combines. */
type All<Ps extends readonly Propspec[]> = Propspec<
  JoinKinds<KindOf<Ps[number]>>,
  RevertableAll<Ps>
>;

const combineInOrder = combinator<[]>("inOrder", {
  args: noOptions,
  looksAt: (count) => count,
  apply: (run, node) => run.sequence(node.props, { direction: "apply" }),
  unapply: (run, node) => run.sequence(node.props, { direction: "unapply" }),
});

/** The properties are applied in order. The first failure ends it, and is a failure of the whole. */
export function inOrder<const Ps extends readonly Propspec[]>(...props: Ps): All<Ps> {
  return combineInOrder([], props);
}

const combineKeepGoing = combinator<[]>("keepGoing", {
  args: noOptions,
  looksAt: (count) => count,
  apply: (run, node) => run.sequence(node.props, { direction: "apply", skip: true }),
  unapply: (run, node) => run.sequence(node.props, { direction: "unapply", skip: true }),
});

/** The properties are applied in order. One that fails is reported and the rest go on. */
export function keepGoing<const Ps extends readonly Propspec[]>(...props: Ps): All<Ps> {
  return combineKeepGoing([], props);
}

const combineUntil = combinator<[code: string]>("inOrderUntil", {
  args: z.tuple([z.string()]),
  looksAt: (count) => count,
  apply: (run, node, code) => run.sequence(node.props, { direction: "apply", until: code }),
  unapply: (run, node, code) => run.sequence(node.props, { direction: "unapply", until: code }),
});

/**
 * The properties are applied in order until one fails with an error of that class: then the rest
 * are left out, and that is no failure. Other errors end it as in {@link inOrder}.
 */
export function inOrderUntil<const Ps extends readonly Propspec[]>(
  error: ErrorClass,
  ...props: Ps
): All<Ps> {
  return combineUntil([codesOf(error as unknown as object)[0] ?? ""], props);
}

const combineSilently = combinator<[]>("silently", {
  args: noOptions,
  looksAt: (count) => count,
  apply: (run, node) => run.silenced().sequence(node.props, { direction: "apply", skip: true }),
  unapply: (run, node) => run.silenced().sequence(node.props, { direction: "unapply", skip: true }),
});

/** Like {@link keepGoing}, and only failures are shown. */
export function silently<const Ps extends readonly Propspec[]>(...props: Ps): All<Ps> {
  return combineSilently([], props);
}

const combineUnapplied = combinator<[]>("unapplied", {
  args: noOptions,
  desc: ([prop]) => `not: ${prop}`,
  discardsHostattrs: () => true,
  looksAt: () => 1,
  apply: (run, node) => run.unapply(node.props[0]),
  unapply: (run, node) => run.apply(node.props[0]),
});

/** The property does not hold: it is unapplied. Unapplying this applies it. */
export function unapplied<K extends Kind>(prop: Propspec<K, true>): Propspec<K, true> {
  return combineUnapplied([], [prop]);
}

const combineReapplied = combinator<[]>("reapplied", {
  args: noOptions,
  desc: ([prop]) => `again: ${prop}`,
  repeats: 2,
  async apply(run, node) {
    await run.unapply(node.props[0]);
    return run.apply(node.props[0]);
  },
  unapply: () =>
    Promise.reject(new FailedChange("what is reapplied each time cannot be unapplied")),
});

/** The property is unapplied and then applied, each time. */
export function reapplied<K extends Kind>(prop: Propspec<K, true>): Propspec<K, false> {
  return combineReapplied([], [prop]);
}

const combineDescribed = combinator<[text: string]>("described", {
  args: z.tuple([z.string().min(1)]),
  desc: (_props, text) => text,
  looksAt: (count) => count,
  apply: (run, node) => run.sequence(node.props, { direction: "apply" }),
  unapply: (run, node) => run.sequence(node.props, { direction: "unapply" }),
});

/** The properties, in order, under a description of the person's own. */
export function described<const Ps extends readonly Propspec[]>(
  text: string,
  ...props: Ps
): All<Ps> {
  return combineDescribed([text], props);
}

const combineOnChange = combinator<[]>("onChange", {
  args: noOptions,
  looksAt: () => 1,
  async apply(run, node) {
    const [first, ...then] = node.props;
    return run.followedBy(await run.apply(first), then);
  },
  async unapply(run, node) {
    const [first, ...then] = node.props;
    return run.followedBy(await run.unapply(first), then);
  },
});

/**
 * The property; and when applying or unapplying it changed something, the others are applied in
 * order. What they did does not count as a change of the whole.
 */
export function onChange<P extends Propspec, const Ps extends readonly Propspec[]>(
  prop: P,
  ...then: Ps
): Propspec<JoinKinds<KindOf<P | Ps[number]>>, RevertableAll<[P]>> {
  return combineOnChange([], [prop, ...then]);
}

const combineOnApplyChange = combinator<[]>("onApplyChange", {
  args: noOptions,
  looksAt: () => 1,
  async apply(run, node) {
    const [first, ...then] = node.props;
    return run.followedBy(await run.apply(first), then);
  },
  unapply: (run, node) => run.unapply(node.props[0]),
});

/** Like {@link onChange}, except that unapplying the property is followed by nothing. */
export function onApplyChange<P extends Propspec, const Ps extends readonly Propspec[]>(
  prop: P,
  ...then: Ps
): Propspec<JoinKinds<KindOf<P | Ps[number]>>, RevertableAll<[P]>> {
  return combineOnApplyChange([], [prop, ...then]);
}

const combineWithUnapply = combinator<[count: number]>("withUnapply", {
  args: z.tuple([z.int().nonnegative()]),
  discardsHostattrs: (index, count) => index >= count,
  looksAt: () => 1,
  apply: (run, node, count) => run.sequence(node.props.slice(0, count), { direction: "apply" }),
  unapply: (run, node, count) => run.sequence(node.props.slice(count), { direction: "apply" }),
});

/** The first properties, in order; unapplying this applies the second ones instead. */
export function withUnapply<
  const Ps extends readonly Propspec[],
  const Us extends readonly Propspec[],
>(props: Ps, unapply: Us): Propspec<JoinKinds<KindOf<Ps[number] | Us[number]>>, true> {
  return combineWithUnapply([props.length], [...props, ...unapply]);
}

const combineOnce = combinator<[flagFile: string]>("onceWithFlagFile", {
  args: z.tuple([z.string().startsWith("/")]),
  async apply(run, node, flagFile) {
    if (await run.looking.exists(flagFile)) {
      run.leaveOut(node.props, `${flagFile} is there`, false);
      return "unchanged";
    }
    // Where no flag can be made they would be applied each time.
    if ((await run.looking.query(canBeMade(flagFile), { mayFail: true })).exitCode !== 0) {
      throw new AbortedChange(
        `${flagFile} cannot be made, so nothing is done that is to be done once`,
        {
          hint: "name a file in a directory that can be written, or can be made",
        },
      );
    }
    const outcome = await run.sequence(node.props, { direction: "apply" });
    await run.host.makeDirectory(path.dirname(flagFile));
    await run.host.editFile(flagFile, (bytes) => bytes ?? new Uint8Array());
    return outcome;
  },
  async unapply(run, node, flagFile) {
    if (!(await run.looking.exists(flagFile))) {
      run.leaveOut(node.props, `${flagFile} is not there`, false);
      return "unchanged";
    }
    const outcome = await run.sequence(node.props, { direction: "unapply" });
    await run.host.remove([flagFile]);
    return outcome;
  },
});

/** Succeeds if the nearest directory around the file that is there can be written. */
function canBeMade(file: string): Words {
  return script`d=$(dirname -- ${file})
until [ -e "$d" ]; do d=$(dirname -- "$d"); done
[ -d "$d" ] && [ -w "$d" ]`;
}

/** The properties are applied, in order, unless the file is there; then the file is made. */
export function onceWithFlagFile<const Ps extends readonly Propspec[]>(
  flagFile: string,
  ...props: Ps
): All<Ps> {
  return combineOnce([flagFile], props);
}

const home = z.union([
  z.strictObject({ user: z.string().min(1) }),
  z.strictObject({ directory: z.string().startsWith("/") }),
]);

const combineWithHome = combinator<[home: { user: string } | { directory: string }]>("withHome", {
  args: z.tuple([home]),
  apply: async (run, node, where) =>
    (await run.withHome(where)).sequence(node.props, { direction: "apply" }),
  unapply: async (run, node, where) =>
    (await run.withHome(where)).sequence(node.props, { direction: "unapply" }),
});

/** The properties, in order, with another HOME and working directory: a user's, or a given one. */
export function withHome<const Ps extends readonly Propspec[]>(
  where: { readonly user: string } | { readonly directory: string },
  ...props: Ps
): All<Ps> {
  return combineWithHome([where], props);
}

const combineConcurrently = combinator<[]>("concurrently", {
  args: noOptions,
  looksAt: (count) => count,
  apply: (run, node) => run.concurrently(node.props, "apply"),
  unapply: (run, node) => run.concurrently(node.props, "unapply"),
});

/**
 * The properties, at once, each in a shell of its own. They must not depend on each other. All run
 * to their end; if any fails the whole fails.
 */
export function concurrently<const Ps extends readonly Propspec[]>(...props: Ps): All<Ps> {
  return combineConcurrently([], props);
}

/** The schema of a chain of hops as an argument. */
export const chainSchema: z.ZodType<Chain> = z.custom<Chain>(
  (value) => Array.isArray(value) && value.length > 0 && value.every(isHop),
  "expected a list of hops",
);

const combineOver = combinator<[chain: Chain]>("over", {
  args: z.tuple([chainSchema]),
  desc: (_props, chain) => `over ${describeChain(chain, "the host")}`,
  hops: (chain) => chain,
  reconnects: true,
  apply: (run, node, chain) => run.subdeployment(node, chain, "apply"),
  unapply: (run, node, chain) => run.subdeployment(node, chain, "unapply"),
});

/**
 * The properties, in order, on the same host over further hops. What their hostattrs say is said of
 * the host; of prerequisite data, the hops get only what these properties ask for.
 */
export function over<const Ps extends readonly Propspec[]>(
  chain: Chain,
  ...props: Ps
): Propspec<"posix", RevertableAll<Ps>> {
  return combineOver([chain], props);
}

/**
 * The properties, in order, as that user. Needs uid 0, and the `as` hop loaded (import
 * `consfigurator/connections/as`).
 */
export function asUser<const Ps extends readonly Propspec<"posix">[]>(
  user: string,
  ...props: Ps
): Propspec<"posix", RevertableAll<Ps>> {
  return combineOver([[hopThat("isAccount", user)]], props);
}
