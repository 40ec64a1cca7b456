import type { z } from "zod";
import type { Wire } from "../../core/index.js";
import type { Listening } from "../../zygote/client.js";
import type { ApplyRequest } from "../apply/index.js";
import {
  Cancelled,
  ConnectionLost,
  type ConsfigError,
  DeploymentTimedOut,
  isError,
  JournalFailed,
  LockHeld,
  printable,
  SessionGarbled,
  ThreadLost,
} from "../base/index.js";
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

/** Errors that say something of this side, which ends or goes on because of them. */
const ours = [Cancelled, LockHeld, DeploymentTimedOut, ThreadLost, JournalFailed];

function ourCode(error: ConsfigError): string | undefined {
  return ours.find((one) => isError(error, one))?.code;
}

/** The side of an order that gives it: reports what is told, and answers what is asked. */
export class RemoteApply {
  readonly #request: ApplyRequest;
  readonly #context: HopContext;
  readonly #way: string;
  readonly #errors: ErrorDecoder;
  readonly #relay: Relay;
  #hops: Chain = [];

  /** `way`: how the other process is reached, in words. */
  constructor(request: ApplyRequest, context: HopContext, way: string) {
    this.#request = request;
    this.#context = context;
    this.#way = way;
    this.#errors = new ErrorDecoder(way);
    const { host, depth, silent, within, reporter } = request;
    const refuse = (what: string): never => this.#refuse(what);
    this.#relay = new Relay(reporter, host.propspec, { depth, silent, within }, refuse);
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
      onTold: (told) => this.#told(told),
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
    if ("failed" in result) throw this.#believable(this.#errors.fromWire(result.failed));
    const { direction } = this.#request;
    if (direction === "apply" && !this.#relay.isComplete) {
      this.#refuse("says that it has ended, and has not told how all items did");
    }
    return result.outcome;
  }

  /** Because of that error the other process has ended before it told everything. */
  abandoned(error: ConsfigError): void {
    this.#relay.abandoned(error);
  }

  #told(told: Wire): void {
    const event = this.#errors.eventFromWire(told);
    if (event.type === "ended" && event.ending.outcome === "failed") {
      const code = ourCode(event.ending.error);
      if (code !== undefined) this.#refuse(`says ${code} of an item`);
    }
    this.#relay.take(event, told);
  }

  /** What the other process says that only this side can know is not believed. */
  #believable(error: ConsfigError): ConsfigError {
    const { signal, terms } = this.#request;
    if (isError(error, Cancelled)) {
      if (signal?.aborted) return error;
      return new ConnectionLost(`${this.#way}: the process there was told to end`, {
        hint: "somebody on the host has ended it, or the host is going down; deploy again",
      });
    }
    const mayBeLocked = terms.lock !== undefined && !this.#relay.hasChanges;
    if (isError(error, LockHeld) && mayBeLocked) return error;
    const code = ourCode(error);
    return code === undefined ? error : this.#refuse(`says ${code}`);
  }

  #refuse(what: string): never {
    throw new SessionGarbled(`${this.#way}: the process there ${what}`, {
      hint: "do not trust what runs there, or find out who has replaced the Node on that host",
    });
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
