import { z } from "zod";
import {
  combinator,
  hostattr,
  type JoinKinds,
  type KindOf,
  type LookingHost,
  type PosixHost,
  type Propspec,
  posixProperty,
  type RevertableAll,
  script,
} from "../../engine/index.js";
import { findOwnFiles, type OwnFile, removeOwnFiles, writeOwnFiles } from "../file/shared.js";
/** The host is one on which services are not started. */
export const noServicesAttr = hostattr("service.noServices", z.literal(true));

const policyFile = "/usr/sbin/policy-rc.d";
const aside = `${policyFile}.consfig-aside`;

/** Programs that ask before they start a service are told not to. `reason` tells two such files apart. */
function refusal(reason: string): OwnFile {
  return { path: policyFile, content: `#!/bin/sh\n# ${reason}\nexit 101\n`, mode: 0o755 };
}

const forGood = refusal("Services are not started on this host.");
const forNow = refusal("Services are not started until the running deployment has ended.");

/**
 * Whether services may be started on the host: neither its consfig nor its `policy-rc.d` forbids it.
 * The latter is what packages ask before they start a service, so all give the same answer.
 */
export async function mayStart(host: LookingHost, name: string): Promise<boolean> {
  if (host.attrs.first(noServicesAttr)) return false;
  const ask = script`[ ! -x ${policyFile} ] || ${policyFile} ${name} start >/dev/null 2>&1`;
  return (await host.query(ask, { mayFail: true })).exitCode !== 101;
}

/**
 * No service is started on the host, be it by a package or by a property. Running ones stay.
 * Unapplied: they may be started. For hosts that are chroots, or images of hosts to come.
 */
export const noServices = posixProperty<[]>("service.noServices", {
  args: z.tuple([]),
  desc: () => "no services are started",
  hostattrs: (attrs) => attrs.pushNew(noServicesAttr, true),
  check: (host) => findOwnFiles(host, [forGood]),
  async apply(host) {
    await writeOwnFiles(host, [forGood]);
    return "changed";
  },
  async unapply(host) {
    // A policy that is not ours is left alone.
    if ((await findOwnFiles(host, [forGood])) !== true) return "unchanged";
    await removeOwnFiles(host, [forGood]);
    return "changed";
  },
});

const combineWithoutStarting = combinator<[]>("service.withoutStartingServices", {
  args: z.tuple([]),
  apply: (run, node) =>
    withRefusal(run.host, () => run.sequence(node.props, { direction: "apply" })),
  unapply: (run, node) =>
    withRefusal(run.host, () => run.sequence(node.props, { direction: "unapply" })),
});

/** The properties, in order, during which no service is started, be it by a package or by a property. */
export function withoutStartingServices<const Ps extends readonly Propspec[]>(
  ...props: Ps
): Propspec<JoinKinds<KindOf<Ps[number]>>, RevertableAll<Ps>> {
  return combineWithoutStarting([], props);
}

async function withRefusal<T>(host: PosixHost, work: () => Promise<T>): Promise<T> {
  if ((await findOwnFiles(host, [forGood])) === true) return work();
  // A policy that a deployment left behind when it broke off is taken over, with what it put aside.
  const stale = (await findOwnFiles(host, [forNow])) === true;
  if (!stale) await host.run(script`[ ! -e ${policyFile} ] || mv -fT -- ${policyFile} ${aside}`);
  await writeOwnFiles(host, [forNow]);
  try {
    return await work();
  } finally {
    if ((await findOwnFiles(host, [forNow])) === true) {
      await host.run(
        script`if [ -e ${aside} ]; then mv -fT -- ${aside} ${policyFile}; else rm -f -- ${policyFile}; fi`,
      );
    } else {
      await host.remove([aside]); // one of the properties has made a policy of its own
    }
  }
}
