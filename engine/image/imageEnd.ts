import { setTimeout as sleep } from "node:timers/promises";
import { encodeFrame } from "../../zygote/frames.js";
import { readReply } from "../../zygote/reply.js";
import type { ByteStream } from "../byteStream.js";
import type { Connection } from "../connection.js";
import type { Errand, FarEnd } from "../errand.js";
import { Cancelled, ConnectionLost, FailedChange, lastLines, SessionGarbled } from "../errors.js";
import type { Traffic } from "../events.js";
import type { Chain, HopContext } from "../hop.js";
import { Requester } from "../order/requester.js";
import { carryOut, orderResult } from "../order/wire.js";
import { printableLines } from "../printable.js";
import type { Outcome } from "../propspec.js";

/** From being told to end until the stream is ended from this side. */
const graceMs = 5000;

/** A Node image at the end of a connection, which it has taken over. */
export class ImageEnd implements FarEnd {
  readonly kind = "node";
  readonly #connection: Connection;
  readonly #stream: ByteStream;
  readonly #rest: Chain;
  readonly #context: HopContext;
  #printed = "";

  constructor(connection: Connection, stream: ByteStream, rest: Chain, context: HopContext) {
    this.#connection = connection;
    this.#stream = stream;
    this.#rest = rest;
    this.#context = context;
    stream.stderr.on("data", (bytes: Buffer) => {
      this.#printed = (this.#printed + bytes.toString("utf8")).slice(-64 * 1024);
    });
  }

  get traffic(): Traffic {
    return this.#connection.traffic;
  }

  async carryOut(errand: Errand): Promise<Outcome> {
    const { stdin, stdout } = this.#stream;
    const requester = new Requester(errand, this.#context);
    const { form, args } = carryOut(requester.order(this.#rest));
    stdin.write(encodeFrame({ kind: "request", form: { form, args } }));
    const settled = new AbortController();
    const end = async () => {
      stdin.write(encodeFrame({ kind: "cancel" }));
      await sleep(graceMs, undefined, { signal: settled.signal, ref: false }).catch(() => {});
      if (!settled.signal.aborted) this.#stream.destroy();
    };
    errand.signal?.addEventListener("abort", end);
    if (errand.signal?.aborted) void end();
    const where = this.#connection.description;
    try {
      const reply = await readReply(stdout, stdin, requester.listening);
      if (reply?.kind === "returned") return requester.outcomeOf(orderResult.parse(reply.value));
      if (errand.signal?.aborted) throw new Cancelled(`cancelled: ${where}`);
      const output = printableLines(lastLines(this.#printed));
      if (reply) throw new FailedChange(`${where}: ${reply.error.message}`, { output });
      const hint = "what was running there has been stopped; deploy again";
      throw new ConnectionLost(`${where}: the Node image has ended`, { output, hint });
    } catch (error) {
      if (!(error instanceof Error) || !("issues" in error)) throw error;
      throw new SessionGarbled(
        `${where}: what the Node image says is not of the protocol`,
        {},
        {
          cause: error,
        },
      );
    } finally {
      settled.abort();
      errand.signal?.removeEventListener("abort", end);
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
