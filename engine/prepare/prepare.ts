import { located } from "../../core/definitions/index.js";
import { inWords, type Wire } from "../../core/index.js";
import { BrokenProperty, ConsfigError } from "../base/index.js";
import {
  type Combination,
  checkedArgs,
  combinatorOf,
  dataAttr,
  type Host,
  Hostattrs,
  hostnameAttr,
  isChecked,
  type Prepared,
  type PreparedApp,
  type PreparedCombination,
  type PreparedHost,
  type PropApp,
  type Propspec,
  propertyOf,
  requiredBy,
} from "../model/index.js";
import { describe } from "./describe.js";
import { assertNesting } from "./nesting.js";

/**
 * The host with its propspec prepared: `preprocess` of every propapp, then all hostattrs in order.
 * Looks at nothing outside the consfig.
 *
 * @throws InapplicableProperty and other UsageErrors: the whole host is refused before any contact.
 */
export function prepareHost(host: Host): PreparedHost {
  const attrs = new Hostattrs(host.hostattrs);
  if (attrs.first(hostnameAttr) === undefined) attrs.push(hostnameAttr, host.host);
  const propspec = preparePropspec(host.propspec, attrs);
  return { name: attrs.hostname, hostattrs: attrs.toWire(), propspec };
}

/** The host with all that its own properties say of it, but only the given propspec; no data. */
export function withOnly(host: Host, propspec: Propspec): Host {
  const attrs = new Hostattrs(prepareHost(host).hostattrs).copy(dataAttr);
  return Object.freeze({ ...host, propspec, hostattrs: attrs.toWire() });
}

/** The propspec prepared for a host with these attributes, which grow by what its parts say. */
export function preparePropspec(propspec: Propspec, attrs: Hostattrs): Prepared {
  attrs.prepare = preparePropspec;
  return sayHostattrs(preprocess(propspec, undefined, 0), attrs, "0");
}

/** A propspec whose arguments were preprocessed, and the hosts of whose subdeployments were prepared. */
interface Preprocessed {
  readonly spec: Propspec;
  readonly at: string | undefined;
  /** In how many others it is nested. */
  readonly depth: number;
  readonly props: readonly Preprocessed[];
  readonly host?: PreparedHost;
}

function preprocess(spec: Propspec, outerAt: string | undefined, depth: number): Preprocessed {
  const at = spec.at ?? outerAt;
  return sound(spec, at, () => {
    assertNesting(depth);
    if ("property" in spec) {
      const property = propertyOf(spec.property);
      const check = (args: readonly unknown[]) => checkedArgs(property.id, property.args, args, at);
      const args = isChecked(spec) ? spec.args : check(spec.args);
      const preprocessed = property.preprocess?.(...args);
      const checked = preprocessed ? check(preprocessed) : args;
      return { spec: { ...spec, args: checked } satisfies PropApp, at, depth, props: [] };
    }
    const combinator = combinatorOf(spec.combinator);
    const args = checkedArgs(spec.combinator, combinator.args, spec.args, at);
    const host = combinator.subhost?.(...args);
    return {
      spec: { ...spec, args } satisfies Combination,
      at,
      depth,
      props: spec.props.map((prop) => preprocess(prop, at, depth + 1)),
      ...(host ? { host: prepareHost(host) } : {}),
    };
  });
}

function sayHostattrs(node: Preprocessed, attrs: Hostattrs, path: string): Prepared {
  const { spec, at } = node;
  const place = { path, args: spec.args, ...(at === undefined ? {} : { at }) };
  return sound(spec, at, () => {
    if ("property" in spec) {
      const property = propertyOf(spec.property);
      property.hostattrs?.(attrs, ...spec.args);
      const prepared: PreparedApp = { ...place, property: spec.property };
      describe(prepared);
      if (!property.expand) return prepared;
      const expanded = property.expand(attrs, ...spec.args);
      const inner: Combination = { combinator: "inOrder", args: [], props: expanded };
      const expansion = sayHostattrs(preprocess(inner, at, node.depth), attrs, path);
      return { ...prepared, expansion: expansion as PreparedCombination };
    }
    return combined(spec, node, place, attrs);
  });
}

function combined(
  spec: Combination,
  node: Preprocessed,
  place: { path: string; args: readonly Wire[]; at?: string },
  attrs: Hostattrs,
): PreparedCombination {
  const combinator = combinatorOf(spec.combinator);
  const base = { ...place, combinator: spec.combinator };
  // Further hops start on this host, which has to have what they need.
  const forHops = (name: string) => requiredBy(combinator.hops?.(...spec.args) ?? [], name);
  if (node.host) {
    // A subdeployment is of another host: of what is said of it only the data it needs concerns
    // this one, since it passes through here.
    const ofHost = new Hostattrs(node.host.hostattrs).get(dataAttr);
    attrs.pushNew(dataAttr, ...ofHost, ...forHops(node.host.name));
    return { ...base, props: [], host: node.host };
  }
  if (combinator.reconnects) {
    const inner = attrs.copy(dataAttr);
    const props = node.props.map((prop, i) => sayHostattrs(prop, inner, `${place.path}.${i}`));
    attrs.replaceBy(inner, dataAttr);
    attrs.pushNew(dataAttr, ...inner.get(dataAttr), ...forHops(attrs.hostname));
    const propspec = { ...place, combinator: "inOrder", args: [], props };
    return { ...base, props, host: { name: attrs.hostname, hostattrs: inner.toWire(), propspec } };
  }
  const chosen = combinator.choose?.(attrs, ...spec.args);
  const props = node.props.flatMap((prop, i) => {
    if (combinator.choose && i !== chosen) return [];
    const kept = combinator.discardsHostattrs?.(i, ...spec.args) ? attrs.copy() : attrs;
    return [sayHostattrs(prop, kept, `${place.path}.${i}`)];
  });
  return { ...base, props };
}

/** What the work gives. Errors tell where the person wrote what caused them, and in which property. */
function sound<T>(spec: Propspec, at: string | undefined, work: () => T): T {
  return located(at, () => {
    try {
      return work();
    } catch (error) {
      if (error instanceof ConsfigError || !("property" in spec)) throw error;
      const text = inWords(error);
      const hint = "this is a mistake in the property's own code; its stack is shown with -vv";
      throw new BrokenProperty(`${spec.property}: ${text}`, { hint }, { cause: error });
    }
  });
}
