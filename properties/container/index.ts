/** What a host, being a container, has for itself, and properties that depend on it. */
import { z } from "zod";
import {
  combinator,
  hostattr,
  type JoinKinds,
  type KindOf,
  type Propspec,
  posixProperty,
  type ReadonlyHostattrs,
  type RevertableAll,
} from "../../engine/index.js";

const factor = z.enum(["filesystem", "hostname", "reboot", "efiNvram", "physicalDisks"]);
const factors = z.array(factor).min(1);

/** What a container can have for itself, as opposed to sharing it with the machine around it. */
export type Factor = z.infer<typeof factor>;

/** The host is a container, and has for itself what is named. All count. */
export const containedAttr = hostattr("container.contained", z.array(factor).readonly());

/** The host is a container that has these for itself and shares all else with what is around it. */
export const contained = posixProperty<[...factors: Factor[]]>("container.contained", {
  args: z.tuple([factor], factor),
  desc: (...factors) => `contained: ${factors.join(", ")}`,
  hostattrs: (attrs, ...factors) => attrs.pushNew(containedAttr, factors),
});

/** Whether the host has these for itself: it is no container, or one that does not share them. */
export function isContained(attrs: ReadonlyHostattrs, ...factors: readonly Factor[]): boolean {
  const said = attrs.get(containedAttr);
  return said.length === 0 || factors.every((one) => said.some((own) => own.includes(one)));
}

const combineWhenContained = combinator<[factors: readonly Factor[]]>("container.whenContained", {
  args: z.tuple([factors.readonly()]),
  choose: (attrs, factors) => (isContained(attrs, ...factors) ? 0 : undefined),
  looksAt: (count) => count,
  apply: (run, node) => run.apply(node.props[0]),
  unapply: (run, node) => run.unapply(node.props[0]),
});

/** The property, on hosts that have all of these for themselves; on others nothing is done. */
export function whenContained<P extends Propspec>(
  factors: readonly Factor[],
  prop: P,
): Propspec<JoinKinds<KindOf<P>>, RevertableAll<[P]>> {
  return combineWhenContained([factors], [prop]);
}
