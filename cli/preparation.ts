import { ConsfigError, KindMismatch, UsageError } from "../engine/errors.js";
import { fromHere, kindOfChain } from "../engine/hop.js";
import { chainOf, type Host, type PreparedHost, prepareHost } from "../engine/index.js";
import { firstNodeProperty, kindOf } from "../engine/prepare.js";

/** Something that forbids a host to be deployed, found without contacting it. */
export interface Obstacle {
  readonly host: string;
  readonly error: ConsfigError;
}

/** Everything that forbids one of the hosts to be deployed as the consfig says. */
export function obstaclesOf(hosts: readonly Host[]): readonly Obstacle[] {
  return hosts.flatMap((host) => {
    const error = obstacleOf(host);
    return error ? [{ host: host.host, error }] : [];
  });
}

function obstacleOf(host: Host): ConsfigError | undefined {
  try {
    const prepared = prepareHost(host);
    if (host.deploy) assertCarries(host, prepared);
    return undefined;
  } catch (error) {
    if (error instanceof ConsfigError) return error;
    throw error;
  }
}

/** @throws KindMismatch when the host's own chain cannot carry what it asks for. */
function assertCarries(host: Host, prepared: PreparedHost): void {
  fromHere(chainOf(host));
  if (kindOf(prepared.propspec) === "posix" || kindOfChain(chainOf(host)) === "node") return;
  const property = firstNodeProperty(prepared.propspec);
  throw new KindMismatch(
    `${property?.property ?? "a property"} needs a Node image, and the chain of ${host.host} ends in a shell`,
    {
      hint: "end the chain with a hop that gives one, e.g. node()",
      ...(property?.at === undefined ? {} : { at: property.at }),
    },
  );
}

/** @throws Unprepared when something forbids one of the hosts to be deployed. */
export function assertPrepared(hosts: readonly Host[]): void {
  const obstacles = obstaclesOf(hosts);
  if (obstacles.length > 0) throw new Unprepared(obstacles);
}

/** Some hosts cannot be deployed as the consfig says; nothing was contacted. */
export class Unprepared extends UsageError {
  readonly obstacles: readonly Obstacle[];

  constructor(obstacles: readonly Obstacle[]) {
    super(`${obstacles.length} of the hosts cannot be deployed as the consfig says`);
    this.obstacles = obstacles;
  }
}
