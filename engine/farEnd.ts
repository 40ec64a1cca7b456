import { Application } from "./application.js";
import { Connection } from "./connection.js";
import type { Errand, FarEnd } from "./errand.js";
import type { Traffic } from "./events.js";
import { type Chain, fromHere, type HopContext, hopTypeOf, makeHop, refuseLocal } from "./hop.js";
import { Hostattrs } from "./hostattrs.js";
import { reachImage } from "./image/reachImage.js";
import { reachGrandchild } from "./order/grandchildEnd.js";
import type { Kind, Outcome } from "./propspec.js";

/**
 * The end of the hops, which start where `from` ends, or in this process.
 *
 * Where this process runs on the host itself, a hop that knows how is entered by a grandchild of it,
 * which carries out the rest. All else ends in a shell.
 *
 * @throws ConnectionFailed, UsageError
 */
export async function reach(hops: Chain, context: HopContext, from?: Connection): Promise<FarEnd> {
  const isHere = (from?.kind ?? "node") === "node";
  const further = isHere && hops[0]?.hop === "local" ? hops.slice(1) : hops;
  refuseLocal(further);
  const [first, ...rest] = further;
  const grandchild = isHere && first && reachGrandchild(first, rest, context);
  if (grandchild) return grandchild;
  const at = further.findIndex(({ hop }) => hopTypeOf(hop).image !== undefined);
  const image = further[at];
  if (image) {
    const before = further.slice(0, at);
    return reachImage(() => connect(before), image, further.slice(at + 1), context);
  }
  return new ShellEnd(await connect(further));

  function connect(way: Chain): Promise<Connection> {
    if (from) return from.deeper(way, context.hostname);
    const whole = way.length > 0 ? fromHere(way) : ([makeHop("local", [])] as const);
    return Connection.open(whole, context);
  }
}

/** A shell at the end of all hops. */
class ShellEnd implements FarEnd {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get kind(): Kind {
    return this.#connection.kind;
  }

  get traffic(): Traffic {
    return this.#connection.traffic;
  }

  carryOut({ host, direction, ...rest }: Errand): Promise<Outcome> {
    const attrs = new Hostattrs(host.hostattrs);
    const connection = this.#connection;
    return Application.run(host.propspec, direction, { connection, attrs, reach, ...rest });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
