import { Changing } from "../connectedHost.js";
import type { Connection } from "../connection.js";
import type { FarEnd } from "../errand.js";
import { HopFailed, UsageError } from "../errors.js";
import { type Chain, type Hop, type HopContext, hopTypeOf } from "../hop.js";
import { Hostattrs } from "../hostattrs.js";
import { currentModules } from "../modules/current.js";
import { bootWords } from "./boot.js";
import { ImageEnd } from "./imageEnd.js";
import { sendModules } from "./sendModules.js";

/** Shell text: all that an image's environment has. */
const environment = ['HOME="$HOME"', 'PATH="$PATH"', "LANG=C.UTF-8", "UV_USE_IO_URING=0"];

/**
 * A Node image where that connection ends. Where no Node is there that is new enough, the hop brings
 * one, once.
 *
 * @throws HopFailed and other ConnectionFailed, FailedChange, UsageError
 */
export async function reachImage(
  connect: () => Promise<Connection>,
  hop: Hop,
  rest: Chain,
  context: HopContext,
): Promise<FarEnd> {
  const start = hopTypeOf(hop.hop).image?.(context, ...hop.args);
  if (!start) throw new UsageError(`the hop ${hop.hop} gives no Node image`);
  const set = await currentModules();
  let tooOld: string | undefined;
  for (const isLast of [false, true]) {
    const connection = await connect();
    try {
      const stream = await connection.shell.giveWay(start.find, environment, bootWords);
      const sent = stream && (await sendModules(stream, set, connection.description));
      if (stream && sent && "bytes" in sent) {
        const what = sent.bytes === 0 ? "no modules" : `${sent.names.join(", ")}`;
        context.report(1, `sent ${sent.bytes} bytes: ${what}`);
        return new ImageEnd(connection, stream, rest, context);
      }
      if (sent && "node" in sent) tooOld = sent.node;
      if (isLast) break;
      // A session that has given way cannot be used again.
      const usable = stream ? await connect() : connection;
      try {
        await start.bring(changing(usable, context), tooOld);
      } finally {
        if (usable !== connection) await usable.close();
      }
      await connection.close();
    } catch (error) {
      await connection.close();
      throw error;
    }
  }
  const found = tooOld === undefined ? "there is no Node" : `its Node is ${tooOld}`;
  throw new HopFailed(`${context.hostname}: ${found}, though one was brought`, {
    hint: "install a newer Node there, or say where it is",
  });
}

function changing(connection: Connection, context: HopContext): Changing {
  const no = () => Promise.reject(new UsageError("a hop applies no properties"));
  return new Changing(
    { connection, attrs: new Hostattrs({ attrs: {} }), signal: context.signal, surroundings: {} },
    {
      changes: () => {},
      apply: no,
      unapply: no,
      atEnd: () => {},
      inform: (text) => context.report(1, text),
    },
  );
}
