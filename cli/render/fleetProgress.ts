import { Cancelled, isError } from "../../engine/base/index.js";
import { endingOf, type HostEnding } from "../../engine/fleet/result.js";
import type { Counts, DeploymentEvent, DeploymentReport } from "../../engine/index.js";
import { noCounts, withOne } from "../../engine/report/index.js";
import { type LatestFailure, latestWith } from "./latest.js";
import { HostLog, type LogOptions } from "./log.js";
import { type SlowHost, type SlowProperty, slowestWith } from "./slowest.js";

/** What a host of the run is at, or how it has ended, in the words that a person is told. */
export type HostProgress = "waiting" | "connecting" | "at work" | Exclude<HostEnding, "not begun">;

/** A host that is being deployed. */
export interface HostAtWork {
  readonly host: string;
  readonly log: HostLog;
  readonly since: number;
  counts: Counts;
  /** The slowest of the host's own properties. */
  slowest?: SlowProperty;
}

/** How fast it goes is known when so many hosts have ended, or all that were begun at first. */
const enough = 20;

/**
 * What all hosts of a run are at. An event costs the same however many hosts there are, and of a
 * host that has ended nothing is kept but how.
 */
export class FleetProgress {
  readonly total: number;
  readonly #options: LogOptions;
  readonly #begun = performance.now();
  readonly #states: Map<string, HostProgress>;
  readonly #counts: Record<HostProgress, number>;
  /** The one that began first is the first. */
  readonly #atWork = new Map<string, HostAtWork>();
  #failures: readonly LatestFailure[] = [];
  #slowest: readonly SlowHost[] = [];

  constructor(hosts: readonly string[], options: LogOptions) {
    this.#options = options;
    this.#states = new Map(hosts.map((host) => [host, "waiting"]));
    this.total = this.#states.size;
    const ended = { ok: 0, changed: 0, failed: 0, unreachable: 0, cancelled: 0 };
    this.#counts = { ...ended, "at work": 0, connecting: 0, waiting: this.total };
  }

  /** The lines that tell of the event. */
  after(event: DeploymentEvent): readonly string[] {
    const one = this.#atWork.get(event.host) ?? this.#begin(event.host);
    // Whatever happens is told there; here only what the host is at by then.
    const lines = one.log.after(event);
    switch (event.type) {
      case "connecting":
      case "retrying":
        this.#move(event.host, "connecting");
        break;
      case "connected":
        this.#move(event.host, "at work");
        break;
      case "ended":
        this.#count(one, event);
        break;
      case "finished":
        this.#finish(one, event.report);
    }
    return lines;
  }

  /** The lines that tell of an error by which a host's deployment ended, or its report was lost. */
  crashed(host: string, error: unknown): readonly string[] {
    const log = this.#atWork.get(host)?.log ?? new HostLog(host, this.#options);
    this.#failed(host, error);
    this.#end(host, endingOf({ host, error }));
    return log.error(error);
  }

  /** How many hosts are in each of the states. */
  get counts(): Readonly<Record<HostProgress, number>> {
    return this.#counts;
  }

  get ended(): number {
    return this.total - this.#counts.waiting - this.#atWork.size;
  }

  get elapsedMs(): number {
    return performance.now() - this.#begun;
  }

  /** How long the rest takes at the speed so far. Undefined while that would be a guess. */
  get leftMs(): number | undefined {
    const { ended, total } = this;
    // When no host is waiting, the end may depend on one host, which nobody can foresee.
    if (this.#counts.waiting === 0 || ended < Math.max(enough, this.#atWork.size)) return undefined;
    return (this.elapsedMs * (total - ended)) / ended;
  }

  /** The hosts at work, the slowest first; at most so many. */
  atWork(most: number): readonly HostAtWork[] {
    const first: HostAtWork[] = [];
    for (const one of this.#atWork.values()) {
      if (first.length >= most) break;
      first.push(one);
    }
    return first;
  }

  /** What went wrong last, the latest last. */
  get failures(): readonly LatestFailure[] {
    return this.#failures;
  }

  /** The hosts that took longest, of those that have finished. */
  get slowest(): readonly SlowHost[] {
    return this.#slowest;
  }

  #begin(host: string): HostAtWork {
    const log = new HostLog(host, this.#options);
    const one = { host, log, since: performance.now(), counts: noCounts };
    this.#atWork.set(host, one);
    this.#move(host, "at work");
    return one;
  }

  #count(one: HostAtWork, { item, ending, durationMs }: DeploymentEvent & { type: "ended" }): void {
    if (ending.outcome === "failed") this.#failed(one.host, ending.error);
    if (item.depth > 0 || (ending.outcome === "notReached" && !ending.needed)) return;
    one.counts = withOne(one.counts, ending.outcome);
    if (durationMs > (one.slowest?.durationMs ?? 0)) one.slowest = { desc: item.desc, durationMs };
  }

  #finish({ host, slowest }: HostAtWork, report: DeploymentReport): void {
    if (report.error) this.#failed(host, report.error);
    const { durationMs } = report;
    this.#slowest = slowestWith(this.#slowest, { host, durationMs, property: slowest });
    this.#end(host, endingOf({ host, report }));
  }

  #end(host: string, ending: HostEnding): void {
    this.#atWork.delete(host);
    if (ending !== "not begun") this.#move(host, ending);
  }

  #move(host: string, to: HostProgress): void {
    const from = this.#states.get(host);
    if (from !== undefined) this.#counts[from]--;
    this.#counts[to]++;
    this.#states.set(host, to);
  }

  #failed(host: string, error: unknown): void {
    if (!isError(error, Cancelled)) this.#failures = latestWith(this.#failures, host, error);
  }
}
