import { setTimeout as sleep } from "node:timers/promises";
import { type Endpoint, HostWriter } from "../../apply/index.js";
import { Cancelled, HopFailed, UsageError } from "../../base/index.js";
import { Connattrs, type Connection } from "../../connect/index.js";
import {
  describeChain,
  type Hop,
  type HopContext,
  Hostattrs,
  hopTypeOf,
  hostnameAttr,
  type ImageByItself,
  type ImageByShell,
} from "../../model/index.js";
import { type ModuleSet, moduleRequirements } from "../../modules/index.js";
import { continueDeployProgram } from "./boot.js";
import { ImageEnd } from "./imageEnd.js";
import { ImageStream, unlessCancelled } from "./imageStream.js";
import { requestModules } from "./requestModules.js";

/** Shell text: all that an image's environment has. */
const environment = ['HOME="$HOME"', 'PATH="$PATH"', "LANG=C.UTF-8", "UV_USE_IO_URING=0"];

/** A Node that says nothing in that time does not start. */
const startLimitMs = 30_000;
/** How long an image that nobody listens to any more may take to end. */
const partingMs = 3000;

/** The way to where an image is to be. */
interface Way {
  /** Where this process runs, with nothing before the image's hop. */
  readonly isHere: boolean;
  connect(): Promise<Connection>;
}

/**
 * A Node image at the end of that way. Where no Node is there that is new enough, the hop brings one,
 * once.
 *
 * @throws HopFailed and other ConnectionFailed, FailedChange, UsageError
 */
export async function reachImage(
  { isHere, connect }: Way,
  hops: readonly [Hop, ...Hop[]],
  context: HopContext,
): Promise<Endpoint> {
  const [hop] = hops;
  const start = hopTypeOf(hop.hop).image?.(context, ...hop.args);
  if (!start) throw new UsageError(`the hop ${hop.hop} gives no Node image`);
  const requirements = await moduleRequirements().catch((error: unknown) => {
    // A Ctrl-C at the terminal ends the compiler, too.
    if (context.signal?.aborted) throw new Cancelled(`cancelled: ${context.hostname}`);
    throw error;
  });
  if ("find" in start) return imageByShell(start, connect, hops, requirements, context);
  if (!isHere) throw new UsageError(`the hop ${hop.hop} can only be the first`);
  return imageByItself(start, hops, requirements, context);
}

async function imageByShell(
  { find, bring }: ImageByShell,
  connect: () => Promise<Connection>,
  hops: readonly [Hop, ...Hop[]],
  requirements: ModuleSet,
  context: HopContext,
): Promise<Endpoint> {
  const { words, firstLine } = continueDeployProgram(requirements);
  let unfit: string | undefined;
  for (const isLast of [false, true]) {
    const connection = await connect();
    try {
      const stream = await connection.shell.execProgram(find, environment, words, firstLine);
      if (stream) {
        const image = new ImageStream(stream, connection, context);
        unfit = await begin(image, requirements, context);
        if (unfit === undefined) {
          const way = `${connection.description} → ${describeChain([hops[0]], context.hostname)}`;
          return new ImageEnd(image, hops, context, way);
        }
      }
      if (isLast) break;
      // A session whose place a program has taken cannot be used again.
      const usable = stream ? await connect() : connection;
      try {
        await bring(changing(usable, context), unfit);
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

async function imageByItself(
  { start }: ImageByItself,
  hops: readonly [Hop, ...Hop[]],
  requirements: ModuleSet,
  context: HopContext,
): Promise<Endpoint> {
  const { words, firstLine } = continueDeployProgram(requirements);
  const stream = await start(words);
  const place = {
    description: describeChain(hops.slice(0, 1), context.hostname),
    connattrs: new Connattrs(),
    traffic: undefined,
    async close() {
      stream.destroy();
      await Promise.race([stream.ended, sleep(partingMs, undefined, { ref: false })]);
    },
  };
  const image = new ImageStream(stream, place, context);
  try {
    stream.stdin.write(`${firstLine}\n`);
    const unfit = await begin(image, requirements, context);
    if (unfit === undefined) return new ImageEnd(image, hops, context, place.description);
    throw new HopFailed(`${place.description}: its Node is ${unfit}`, { output: image.printed });
  } catch (error) {
    await place.close();
    throw error;
  }
}

/** Sends the image the modules that it lacks. The result: undefined, or why its Node is of no use. */
async function begin(
  image: ImageStream,
  requirements: ModuleSet,
  context: HopContext,
): Promise<string | undefined> {
  const late = setTimeout(() => void image.kill(), startLimitMs);
  const asked = requestModules(image.stream, requirements, image.description);
  const sending = asked.finally(() => clearTimeout(late));
  const sent = await unlessCancelled(image, context.signal, sending);
  if ("unfit" in sent) {
    const lost = await image.lost();
    if (lost) throw lost;
    return sent.unfit;
  }
  image.pid = sent.pid;
  context.report(1, `Node ${sent.runtime} on ${image.description}`);
  const what = sent.bytes === 0 ? "all are there" : sent.names.join(", ");
  context.report(1, `sent ${sent.bytes} bytes of modules: ${what}`);
  return undefined;
}

function changing(connection: Connection, context: HopContext): HostWriter {
  const no = () => Promise.reject(new UsageError("a hop applies no properties"));
  return new HostWriter(
    {
      connection,
      attrs: new Hostattrs({ attrs: { [hostnameAttr.key]: [context.hostname] } }),
      signal: context.signal,
      terms: {},
      commands: {},
    },
    {
      mayChange: async () => {},
      changes: () => {},
      apply: no,
      unapply: no,
      atEnd: () => {},
      inform: (text) => context.report(1, text),
      deployment: () => {
        throw new UsageError("a hop deploys nothing");
      },
    },
  );
}
