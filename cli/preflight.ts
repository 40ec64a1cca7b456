import { ConsfigError, UsageError } from "../engine/base/index.js";
import { limitsOf, tagsOf } from "../engine/fleet/attrs.js";
import type { Candidate } from "../engine/fleet/index.js";
import { chainOf, type Host, type PreparedHost, prepareHost } from "../engine/index.js";
import { fingerprint } from "../engine/journal/index.js";
import { fromHere, kindOfChain } from "../engine/model/index.js";
import { assertCarries, hopsData, needsGrandchild } from "../engine/prepare/index.js";

/** Something that forbids a host to be deployed, found without contacting it. */
export interface Obstacle {
  readonly host: string;
  readonly error: ConsfigError;
}

/** A host that can be deployed, and what has to be known of it before. */
export interface ReadyHost {
  readonly host: Host;
  readonly limits: Candidate["limits"];
  readonly tags: readonly string[];
  /** See {@link fingerprint}. */
  readonly fingerprint: string;
  /** Whether a hop is entered from this very machine, which only a grandchild can do. */
  readonly enters: boolean;
  /** The prerequisite data that its hops ask for. */
  readonly hopsData: ReturnType<typeof hopsData>;
}

/** Everything that forbids one of the hosts to be deployed as the consfig says. */
export function obstaclesOf(hosts: readonly Host[]): readonly Obstacle[] {
  return hosts.map(preflightOf).filter((one) => "error" in one);
}

/** The hosts as they can be deployed. @throws Unprepared when something forbids one of them to be. */
export function preflight(hosts: readonly Host[]): readonly ReadyHost[] {
  const all = hosts.map(preflightOf);
  const obstacles = all.filter((one) => "error" in one);
  if (obstacles.length > 0) throw new Unprepared(obstacles);
  return all.filter((one) => "limits" in one);
}

/** Looks at one host. The prepared host is not kept: there may be thousands. */
function preflightOf(host: Host): ReadyHost | Obstacle {
  try {
    const prepared = prepareHost(host);
    if (host.deploy) assertCarried(host, prepared);
    const isUid0 = process.geteuid?.() === 0;
    const enters = isUid0 && !!host.deploy && needsGrandchild(host.deploy, prepared.propspec);
    return {
      host,
      limits: limitsOf(prepared),
      tags: tagsOf(prepared),
      fingerprint: fingerprint(prepared, host.deploy ?? []),
      enters,
      hopsData: hopsData(host.deploy ?? [], host.host, prepared.propspec),
    };
  } catch (error) {
    if (error instanceof ConsfigError) return { host: host.host, error };
    throw error;
  }
}

/** @throws KindMismatch when the host's own chain cannot carry what it asks for. */
function assertCarried(host: Host, prepared: PreparedHost): void {
  const chain = chainOf(host);
  fromHere(chain);
  assertCarries(kindOfChain(chain), prepared.propspec, `the chain of ${host.host}`);
}

/** Some hosts cannot be deployed as the consfig says; nothing was contacted. */
export class Unprepared extends UsageError {
  readonly obstacles: readonly Obstacle[];

  constructor(obstacles: readonly Obstacle[]) {
    super(`${obstacles.length} of the hosts cannot be deployed as the consfig says`);
    this.obstacles = obstacles;
  }
}
