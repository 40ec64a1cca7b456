import { type EventLoopUtilization, performance } from "node:perf_hooks";

const { eventLoopUtilization } = performance;

/** What `auto` begins with, and what it never goes beyond: each connection takes memory and a file. */
const first = 20;
const widest = 400;
const step = 1.5;
const intervalMs = 100;
/** A thread that is busy for a larger part of its time has none for more hosts. */
const busyEnough = 0.8;

/** How many hosts are deployed at once: as many as was said, or as many as there is time for. */
export class AdaptiveConcurrency {
  /** Called when more hosts may be deployed at once than before. */
  onWider = () => {};
  readonly #busy: () => number;
  readonly #timer: NodeJS.Timeout | undefined;
  #most: number;
  #before: EventLoopUtilization = eventLoopUtilization();

  constructor(parallel: number | "auto", busy: () => number = () => 0) {
    this.#busy = busy;
    this.#most = parallel === "auto" ? first : parallel;
    if (parallel === "auto") this.#timer = setInterval(() => this.#look(), intervalMs).unref();
  }

  /** How many hosts may be deployed at once now. */
  get most(): number {
    return this.#most;
  }

  /** The number of hosts stays as it is from now on. */
  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = eventLoopUtilization();
    const ours = eventLoopUtilization(now, this.#before).utilization;
    this.#before = now;
    if (Math.max(ours, this.#busy()) > busyEnough || this.#most >= widest) return;
    this.#most = Math.min(widest, Math.ceil(this.#most * step));
    this.onWider();
  }
}
