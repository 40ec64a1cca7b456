import { CappedOutput, collect } from "../../core/index.js";
import { type Form, hasZygote, streamInGrandchild } from "../../zygote/client.js";
import type { ApplyRequest, Endpoint } from "../apply/index.js";
import { AbortedChange, Cancelled, ConsfigError, FailedChange, lastLines } from "../base/index.js";
import type { Connattrs } from "../connect/index.js";
import {
  type Chain,
  describeChain,
  type Hop,
  type HopContext,
  hopTypeOf,
  type Outcome,
} from "../model/index.js";
import { unknownLeft } from "../shell/index.js";
import { stopGracefully } from "./gracefulStop.js";
import { applyForm } from "./protocol.js";
import { RemoteApply } from "./remoteApply.js";

const keptBytes = 32 * 1024;

/**
 * A grandchild that enters the hop and carries out the rest there; undefined where that cannot be:
 * the hop has only a shell to offer, this process has no zygote, or is not uid 0.
 */
export function reachGrandchild(
  hop: Hop,
  rest: Chain,
  context: HopContext,
  known: Connattrs,
): Endpoint | undefined {
  const { enter } = hopTypeOf(hop.hop);
  if (!enter || !hasZygote() || process.geteuid?.() !== 0) return undefined;
  return new GrandchildEnd(hop, enter(...hop.args), rest, context, known);
}

/** Beyond a hop, in a process that was forked there. */
class GrandchildEnd implements Endpoint {
  readonly kind = "node";
  readonly traffic = undefined;
  readonly #hop: Hop;
  readonly #enter: Form;
  readonly #rest: Chain;
  readonly #context: HopContext;
  readonly #known: Connattrs;

  constructor(hop: Hop, enter: Form, rest: Chain, context: HopContext, known: Connattrs) {
    this.#hop = hop;
    this.#enter = enter;
    this.#rest = rest;
    this.#context = context;
    this.#known = known;
  }

  async apply(request: ApplyRequest): Promise<Outcome> {
    const where = describeChain([this.#hop], this.#context.hostname);
    const remote = new RemoteApply(request, this.#context, `local → ${where}`);
    try {
      return await this.#carriedOut(where, remote, request.signal);
    } catch (error) {
      if (error instanceof ConsfigError) remote.abandoned(error);
      throw error;
    }
  }

  async #carriedOut(
    where: string,
    remote: RemoteApply,
    cancelled: AbortSignal | undefined,
  ): Promise<Outcome> {
    const known = await this.#known.beyond([this.#hop]);
    const form = applyForm(remote.order(this.#rest, known));
    const evaluation = await streamInGrandchild(this.#enter, form, {
      ...remote.listening,
      // Daemons are started over hops. What a command leaves that is ended is told by that command.
      leavesProcesses: true,
    });
    const [stdout, stderr] = [new CappedOutput(keptBytes), new CappedOutput(keptBytes)];
    void collect(evaluation.stdout, stdout);
    void collect(evaluation.stderr, stderr);
    const settled = stopGracefully(cancelled, {
      tell: () => evaluation.kill("SIGTERM"),
      end: () => evaluation.kill("SIGKILL"),
    });
    try {
      const { ended, value, error, exitCode, signal, gone } = await evaluation.outcome;
      // What it has mounted or entered is free again when this is over.
      await gone;
      if (value) return remote.outcomeOf(value);
      if (cancelled?.aborted) throw new Cancelled(`cancelled: ${where}`, { hint: unknownLeft });
      const complaint = stderr.text();
      const output = lastLines(complaint.trim() === "" ? stdout.text() : complaint);
      if (ended === "threw") {
        // The order was not begun: an error of its own would be a part of the value.
        throw new AbortedChange(`${where}: ${error?.message}`, { output });
      }
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`;
      throw new FailedChange(`${where}: the process there ${how}`, { output });
    } finally {
      settled();
    }
  }

  async close(): Promise<void> {}
}
