import { z } from "zod";
import { FailedChange } from "../base/index.js";
import {
  type Chain,
  chainSchema,
  combinator,
  describeChain,
  type Host,
  inOrder,
  isHost,
  type KindOfChain,
  keepGoing,
  type Propspec,
} from "../model/index.js";
import { withOnly } from "../prepare/index.js";

const hostSchema: z.ZodType<Host> = z.custom<Host>(isHost, "expected a host");

const combineDeploys = combinator<[chain: Chain, host: Host]>("deploys", {
  args: z.tuple([chainSchema, hostSchema]),
  desc: (_props, chain, host) => `${host.host} deployed over ${describeChain(chain, host.host)}`,
  hops: (chain) => chain,
  subhost: (_chain, host) => host,
  apply: (run, node, chain) => run.subdeployment(node, chain, "apply"),
  unapply: () =>
    Promise.reject(new FailedChange("a deployment of another host cannot be unapplied")),
});

/**
 * Another host is deployed, over hops that start where this one is: its own properties and then the
 * further ones, in order.
 */
export function deploys<const C extends Chain>(
  chain: C,
  host: Host<KindOfChain<C>>,
  ...props: readonly Propspec<KindOfChain<C>>[]
): Propspec<"posix", false> {
  const all = props.length > 0 ? keepGoing(host.propspec, inOrder(...props)) : host.propspec;
  return combineDeploys([chain, { ...host, propspec: all }], []);
}

/**
 * Another host is deployed, over hops that start where this one is: only the given properties, in
 * order. Its own say what its hostattrs are.
 */
export function deploysThese<const C extends Chain>(
  chain: C,
  host: Host,
  ...props: readonly Propspec<KindOfChain<C>>[]
): Propspec<"posix", false> {
  return combineDeploys([chain, withOnly(host, inOrder(...props))], []);
}
