import type { z } from "zod";
import type { Wire } from "../../core/index.js";
import type { Listening } from "../../zygote/client.js";
import type { ApplyRequest } from "../apply/index.js";
import { type ConsfigError, printable } from "../base/index.js";
import {
  assertDeclared,
  type Chain,
  dataAttr,
  type HopContext,
  Hostattrs,
  type Outcome,
  requiredBy,
} from "../model/index.js";
import { ErrorDecoder } from "../report/index.js";
import { type Order, type orderResult, pieceBytes, question } from "./protocol.js";
import { Relay } from "./relay.js";

/** The side of an order that gives it: reports what is told, and answers what is asked. */
export class RemoteApply {
  readonly #request: ApplyRequest;
  readonly #context: HopContext;
  readonly #errors: ErrorDecoder;
  readonly #relay: Relay;
  #hops: Chain = [];

  /** `way`: how the other process is reached, in words. */
  constructor(request: ApplyRequest, context: HopContext, way: string) {
    this.#request = request;
    this.#context = context;
    this.#errors = new ErrorDecoder(way);
    this.#relay = new Relay(request.reporter);
  }

  /** The order: what the other process is to apply, over these hops from there, with these connattrs. */
  order(hops: Chain, connattrs: Order["connattrs"]): Order {
    const { host, direction, depth, silent, within, terms } = this.#request;
    const { hostname } = this.#context;
    this.#hops = hops;
    const about = { hostname, depth, silent, within, terms, connattrs };
    return { host, hops: [...hops], direction, ...about };
  }

  get listening(): Required<Listening> {
    return {
      onTold: (told) => this.#relay.take(this.#errors.eventFromWire(told)),
      answer: (asked) => this.#answer(asked),
    };
  }

  /** @throws ConsfigError if that is what came of it */
  outcomeOf(result: z.infer<typeof orderResult>): Outcome {
    const left = result.leftRunning.map(({ pid, command }) => ({
      pid,
      command: printable(command),
    }));
    this.#request.reporter.left(left);
    if ("outcome" in result) return result.outcome;
    throw this.#errors.fromWire(result.failed);
  }

  /** Because of that error the other process has ended before it told everything. */
  abandoned(error: ConsfigError): void {
    const { host, depth, silent, within } = this.#request;
    this.#relay.abandoned(host.propspec, { depth, silent, within }, error);
  }

  /** Only what this host's properties declare, or its hops need, is for the other process to know. */
  async #answer(asked: Wire): Promise<Wire> {
    const { iden1, iden2, have, from } = question.parse(asked);
    const declared = new Hostattrs(this.#request.host.hostattrs).get(dataAttr);
    const required = requiredBy(this.#hops, this.#context.hostname);
    assertDeclared([...declared, ...required], iden1, iden2);
    const { version, content } = await this.#context.data(iden1, iden2);
    if (have === version) return { version };
    return { version, piece: content.subarray(from, from + pieceBytes), size: content.length };
  }
}
