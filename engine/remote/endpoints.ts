import { Application, type ApplyRequest, type Endpoint, type Start } from "../apply/index.js";
import { Connattrs, Connection, takeLock } from "../connect/index.js";
import {
  type Chain,
  fromHere,
  furtherFrom,
  type HopContext,
  Hostattrs,
  hopThat,
  hopTypeOf,
  type Kind,
  type Outcome,
} from "../model/index.js";
import type { Traffic } from "../shell/index.js";
import { reachGrandchild } from "./grandchildEnd.js";
import { reachImage } from "./image/reachImage.js";

/**
 * The end of the hops.
 *
 * Where this process runs on the host itself, a hop that knows how is entered by a grandchild of it,
 * which carries out the rest. All else ends in a shell.
 *
 * @throws ConnectionFailed, UsageError
 */
export async function openEndpoint(
  hops: Chain,
  context: HopContext,
  start: Start,
): Promise<Endpoint> {
  const [from, known] = start instanceof Connattrs ? [undefined, start] : [start, start.connattrs];
  const kind = from?.kind ?? "node";
  const isHere = kind === "node";
  const further = furtherFrom(kind, hops);
  const [first, ...rest] = further;
  const grandchild = isHere && first && reachGrandchild(first, rest, context, known);
  if (grandchild) return grandchild;
  const at = further.findIndex(({ hop }) => hopTypeOf(hop).image !== undefined);
  const image = further[at];
  if (image) {
    const before = further.slice(0, at);
    const way = { isHere: isHere && at === 0, connect: () => connect(before) };
    return reachImage(way, [image, ...further.slice(at + 1)], context);
  }
  return new ShellEnd(await connect(further));

  async function connect(way: Chain): Promise<Connection> {
    if (from) return from.deeper(way, context.hostname);
    const whole = way.length > 0 ? fromHere(way) : ([hopThat("isHere")] as const);
    return Connection.open(whole, context, new Connattrs(await known.beyond(way)));
  }
}

/** A shell at the end of all hops. */
class ShellEnd implements Endpoint {
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

  apply({ host, direction, terms: all, ...rest }: ApplyRequest): Promise<Outcome> {
    const { lock, ...terms } = all;
    const attrs = new Hostattrs(host.hostattrs);
    const connection = this.#connection;
    const locked = lock ? takeLock(connection, lock, rest.signal) : Promise.resolve(false);
    const about = { host, connection, attrs, openEndpoint, terms, ...rest };
    return Application.run(host.propspec, direction, about, locked);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
