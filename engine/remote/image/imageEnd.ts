import { encodeFrame, FrameRejected, plainForm, readReply } from "../../../zygote/client.js";
import type { ApplyRequest, Endpoint } from "../../apply/index.js";
import {
  Cancelled,
  ConnectionLost,
  ConsfigError,
  FailedChange,
  HopFailed,
  isError,
  printableLines,
  SessionGarbled,
} from "../../base/index.js";
import type { Chain, Hop, HopContext, Outcome } from "../../model/index.js";
import { type Traffic, unknownLeft } from "../../shell/index.js";
import { stopGracefully } from "../gracefulStop.js";
import { applyForm, orderResult } from "../protocol.js";
import { RemoteApply } from "../remoteApply.js";
import type { ImageStream } from "./imageStream.js";
import { StallDetector } from "./stallDetector.js";

/** A Node image, in the place where it has been started. */
export class ImageEnd implements Endpoint {
  readonly kind = "node";
  readonly #image: ImageStream;
  readonly #hop: Hop;
  readonly #rest: Chain;
  readonly #context: HopContext;
  /** The chain in words, to the image. */
  readonly #way: string;
  /** Round trips: one for the order with all that is told meanwhile, and one for each question. */
  #roundTrips = 0;
  #isReady = false;

  constructor(
    image: ImageStream,
    [hop, ...rest]: readonly [Hop, ...Hop[]],
    context: HopContext,
    way: string,
  ) {
    this.#image = image;
    this.#hop = hop;
    this.#rest = rest;
    this.#context = context;
    this.#way = way;
  }

  get traffic(): Traffic | undefined {
    const { traffic } = this.#image.place;
    return traffic && { ...traffic, roundTrips: traffic.roundTrips + this.#roundTrips };
  }

  async apply(request: ApplyRequest): Promise<Outcome> {
    const remote = new RemoteApply(request, this.#context, this.#way);
    try {
      const known = await this.#image.place.connattrs.beyond([this.#hop]);
      const form = plainForm(applyForm(remote.order(this.#rest, known)));
      return await this.#carriedOut(encodeFrame({ kind: "request", form }), remote, request.signal);
    } catch (thrown) {
      const error = thrown instanceof ConsfigError ? thrown : this.#garbled(thrown);
      remote.abandoned(error);
      // Whatever it says is not believed any more, so nobody waits for it to take leave.
      if (isError(error, SessionGarbled)) this.#image.stream.destroy();
      throw error;
    }
  }

  async #carriedOut(
    request: Buffer,
    remote: RemoteApply,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { stdin, stdout } = this.#image.stream;
    stdin.write(request);
    this.#roundTrips++;
    const { onTold, answer } = remote.listening;
    const stall = new StallDetector(this.#image);
    const settled = stopGracefully(signal, {
      tell: () => stdin.write(encodeFrame({ kind: "cancel" })),
      end: () => void this.#image.kill(),
    });
    try {
      const reply = await readReply(stdout, stdin, {
        onTold: (told) => {
          this.#isReady = true;
          if (told !== null) onTold(told);
        },
        answer: (question) => {
          this.#roundTrips++;
          return answer(question);
        },
      }).catch((error: unknown) => {
        throw isError(error, FrameRejected) ? this.#garbled(error) : error;
      });
      if (reply?.kind === "returned") return remote.outcomeOf(orderResult.parse(reply.value));
      if (signal?.aborted) {
        throw new Cancelled(`cancelled: ${this.#image.description}`, { hint: unknownLeft });
      }
      const { description, printed: output } = this.#image;
      if (reply) {
        const message = `${description}: ${printableLines(reply.error.message)}`;
        throw new FailedChange(message, { output });
      }
      throw await this.#ended(stall);
    } finally {
      settled();
      stall.end();
    }
  }

  #garbled(thrown: unknown): SessionGarbled {
    const { description, printed: output } = this.#image;
    const what = `${description}: what the Node image says is not of the protocol`;
    return new SessionGarbled(what, { output }, { cause: thrown });
  }

  /** The image's stream has ended without a reply. */
  async #ended({ isStopped }: StallDetector): Promise<ConsfigError> {
    const { description, printed: output } = this.#image;
    const lost = await this.#image.lost();
    if (lost && !isStopped) return lost;
    if (!this.#isReady && !isStopped) {
      const hint = "what is at the top level of modules runs on hosts, too";
      return new HopFailed(`${description}: the consfig's modules do not load there`, {
        output,
        hint,
      });
    }
    const how = isStopped ? "was made to stand still, and has been ended" : "has ended";
    const hint = "what was running there has been stopped; deploy again";
    return new ConnectionLost(`${description}: the Node image ${how}`, { output, hint });
  }

  close(): Promise<void> {
    return this.#image.place.close();
  }
}
