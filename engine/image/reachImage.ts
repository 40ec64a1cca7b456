import { Changing } from "../connectedHost.js";
import type { Connection } from "../connection.js";
import type { FarEnd } from "../errand.js";
import { HopFailed, UsageError } from "../errors.js";
import { type Chain, type Hop, type HopContext, hopTypeOf } from "../hop.js";
import { Hostattrs } from "../hostattrs.js";
import { currentModules } from "../modules/current.js";
import { bootWords } from "./boot.js";
import { ImageEnd } from "./imageEnd.js";
import { ImageStream, unlessCancelled } from "./imageStream.js";
import { bootOrder, sendModules } from "./sendModules.js";

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
  const { signal } = context;
  let unfit: string | undefined;
  for (const isLast of [false, true]) {
    const connection = await connect();
    try {
      const words = [start.find, environment, bootWords, bootOrder(set)] as const;
      const stream = await connection.shell.giveWay(...words);
      if (stream) {
        const image = new ImageStream(stream, connection, context);
        const sent = await unlessCancelled(image, signal, sendModules(image, set));
        if ("bytes" in sent) {
          context.report(1, `Node ${sent.runtime} on ${connection.description}`);
          const what = sent.bytes === 0 ? "all are there" : sent.names.join(", ");
          context.report(1, `sent ${sent.bytes} bytes of modules: ${what}`);
          return new ImageEnd(connection, image, hop, rest, context);
        }
        unfit = sent.unfit;
      }
      if (isLast) break;
      // A session that has given way cannot be used again.
      const usable = stream ? await connect() : connection;
      try {
        await start.bring(changing(usable, context), unfit);
      } finally {
        if (usable !== connection) await usable.close();
      }
      await connection.close();
    } catch (error) {
      await connection.close();
      throw error;
    }
  }
  const found = unfit === undefined ? "there is no Node" : `its Node is ${unfit}`;
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
