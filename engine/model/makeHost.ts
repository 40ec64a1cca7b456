import { InvalidArgument } from "../base/index.js";
import { keepGoing } from "./combinators.js";
import { isHostname } from "./data.js";
import { type Chain, isHop, type KindOfChain } from "./hop.js";
import type { Host } from "./host.js";
import type { HostattrsWire, ReadonlyHostattrs } from "./hostattrs.js";
import { Hostattrs, hostnameAttr } from "./hostattrs.js";
import { asPropspec, isPropspec, type JoinKinds, type KindOf, type Propspec } from "./propspec.js";

/** What is said of a host besides its properties. */
export interface HostOptions<C extends Chain> {
  /** The chain the host is deployed over when none is given. */
  readonly deploy?: C;
}

/**
 * A host with its properties. They are applied in order; one that fails does not stop the others.
 *
 * @throws InvalidArgument when the name is no hostname or something else than properties is given.
 */
export function host<const Ps extends readonly Propspec[]>(
  name: string,
  ...props: Ps
): Host<JoinKinds<KindOf<Ps[number]>>>;
export function host<const C extends Chain, const Ps extends readonly Propspec<KindOfChain<C>>[]>(
  name: string,
  options: { readonly deploy: C },
  ...props: Ps
): Host<JoinKinds<KindOf<Ps[number]>>>;
export function host(name: string, ...rest: readonly unknown[]): Host {
  const [first] = rest;
  const options: HostOptions<Chain> = isOptions(first) ? first : {};
  return makeHost(name, options, isOptions(first) ? rest.slice(1) : rest);
}

function isOptions(value: unknown): value is HostOptions<Chain> {
  return typeof value === "object" && value !== null && !isPropspec(value);
}

function makeHost(name: string, options: HostOptions<Chain>, props: readonly unknown[]): Host {
  if (typeof name !== "string" || !isHostname(name)) {
    throw new InvalidArgument(`${JSON.stringify(name)} is no hostname`, {
      hint: "dot-separated labels of letters, digits and hyphens",
    });
  }
  const unknown = Object.keys(options).filter((key) => key !== "deploy");
  if (unknown.length > 0) {
    throw new InvalidArgument(`host ${name}: unknown option ${unknown.join(", ")}`);
  }
  const { deploy } = options;
  if (deploy && !(Array.isArray(deploy) && deploy.length > 0 && deploy.every(isHop))) {
    throw new InvalidArgument(`host ${name}: deploy must be a list of hops`, {
      hint: "e.g. { deploy: [ssh({ user: 'root' })] }",
    });
  }
  return Object.freeze({
    host: name,
    propspec: keepGoing(
      ...props.map((prop, i) => asPropspec(prop, `host ${name}, property ${i + 1}`)),
    ),
    ...(deploy ? { deploy: Object.freeze([...deploy]) } : {}),
  });
}

/**
 * A host contained in another: its properties can read the attributes of the host around it.
 *
 * For use in the `props` of a propSpec. Without a name it has the name of the host around it.
 */
export function childHost<const Ps extends readonly Propspec[]>(
  parent: ReadonlyHostattrs,
  options: { readonly name?: string; readonly hostattrs?: HostattrsWire },
  ...props: Ps
): Host<JoinKinds<KindOf<Ps[number]>>> {
  const around = parent instanceof Hostattrs ? parent.toWire() : { attrs: {} };
  const hostattrs = { attrs: options.hostattrs?.attrs ?? {}, parent: around };
  return Object.freeze({
    host: options.name ?? parent.first(hostnameAttr) ?? "child",
    propspec: keepGoing(...props),
    hostattrs,
  });
}
