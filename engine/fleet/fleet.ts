import { setMaxListeners } from "node:events";
import { Deadline, defined, KeyedSemaphore, onAbort, withResolvers } from "../../core/index.js";
import type { Earlier } from "../apply/index.js";
import { ThreadLost } from "../base/index.js";
import { assertSupplied, chainOf, type DeploymentOptions } from "../deploy/index.js";
import { findDataOnce, type Host } from "../model/index.js";
import { prepareHost } from "../prepare/index.js";
import type { DeploymentReport, Listener } from "../report/index.js";
import { AdaptiveConcurrency } from "./concurrency.js";
import { refuseToExit } from "./refuseToExit.js";
import { isWell, type Result } from "./result.js";
import { type Candidate, Schedule } from "./schedule.js";
import { type Attendant, type Deployer, deployHere } from "./task.js";

/** A host of a fleet: what its propspec says is applied over its own chain. */
export interface Member extends Candidate {
  readonly host: Host;
  /** What is known to have been done of it before. */
  readonly earlier?: Earlier;
}

/** How a fleet is deployed. */
export interface FleetOptions {
  readonly listener: Listener;
  /** Stops all politely when aborted: what runs on hosts is ended, and no other host begins. */
  readonly signal: AbortSignal;
  /** As many hosts at once; `auto`: as many as this machine has time for. */
  readonly parallel: number | "auto";
  /** As many may be out of service at once: being deployed, or failed. No limit by default. */
  readonly slots?: number;
  /** When more have failed no other begins. No limit by default. */
  readonly maxFailures?: number;
  /** How each is deployed. */
  readonly each: Omit<DeploymentOptions, "listener" | "signal" | "earlier">;
  /** How a host's deployment is carried out; in this thread by default. */
  readonly deployer?: (host: Host) => Deployer;
  /** How busy the busiest thread has been since this was asked last, from 0 to 1. */
  readonly busy?: () => number;
  /** Told of each result at once. */
  readonly onResult?: (result: Result, isWell: boolean) => void;
}

/** What came of all. */
export interface FleetReport {
  /** In the order of the members. */
  readonly results: readonly Result[];
  /** Why some were not begun. */
  readonly stopped?: string;
}

/** So many log in to one server at a time: sshd turns some away when more than ten do. */
const loginsAtOnce = 8;
/** A deployment that does not end in that time after it was cancelled is left behind. */
const partingMs = 8000;

/** Hosts are deployed, many at once. */
export class Fleet {
  readonly #members: readonly Member[];
  readonly #options: FleetOptions;
  readonly #schedule: Schedule<Member>;
  readonly #results: Map<Member, Result>;
  readonly #data = findDataOnce();
  readonly #logins = new KeyedSemaphore(loginsAtOnce);
  readonly #concurrency: AdaptiveConcurrency;
  #over = () => {};

  constructor(members: readonly Member[], options: FleetOptions) {
    this.#members = members;
    this.#options = options;
    this.#schedule = new Schedule(members, options);
    this.#results = new Map(members.map((one) => [one, { host: one.host.host }]));
    this.#concurrency = new AdaptiveConcurrency(options.parallel, options.busy);
  }

  /** Deploys all hosts, or says why some were not begun. */
  async deploy(): Promise<FleetReport> {
    const { signal } = this.#options;
    setMaxListeners(0, signal);
    const stopListening = onAbort(signal, () => this.stop("interrupted"));
    const permitExit = refuseToExit();
    await new Promise<void>((resolve) => {
      this.#over = resolve;
      this.#concurrency.onWider = () => this.#fill();
      this.#fill();
    });
    permitExit();
    stopListening();
    this.#concurrency.end();
    const { stopped } = this.#schedule;
    const results = this.#members.map((one) => this.#results.get(one) as Result); // made of them
    return { results, ...defined({ stopped }) };
  }

  /** No other host begins, for that reason. */
  stop(reason: string): void {
    this.#schedule.stop(reason);
    if (this.#schedule.isOver) this.#over();
  }

  /** Begins as many hosts as may begin now. */
  #fill(): void {
    while (this.#schedule.running < this.#concurrency.most) {
      const member = this.#schedule.next();
      if (!member) break;
      void this.#deploy(member);
    }
    if (this.#schedule.isOver) this.#over();
  }

  async #deploy(member: Member): Promise<void> {
    const { host } = member.host;
    const limit = new Limit(this.#options);
    let result: Result = { host };
    try {
      const report = await Promise.race([this.#carriedOut(member, limit), limit.late]);
      result = { host, report };
    } catch (error) {
      // One host's mistake, even if it is ours, does not keep the others from being deployed.
      result = { host, error };
    } finally {
      limit.end();
    }
    this.#results.set(member, result);
    this.#schedule.ended(member, isWell(result));
    this.#options.onResult?.(result, isWell(result));
    this.#fill();
  }

  async #carriedOut({ host, earlier }: Member, limit: Limit): Promise<DeploymentReport> {
    const { listener, signal, each, deployer = () => deployHere } = this.#options;
    const chain = chainOf(host);
    const prepared = prepareHost(host);
    // It is reached by the name that the consfig has for it, whatever it is to call itself.
    const options = { ...each, ...defined({ earlier }) };
    const task = { chain, host: prepared, hostname: host.host, options };
    const attendant: Attendant = {
      // Nothing more is told of a deployment that was left behind: its result is known already.
      listener: (event) => {
        if (!limit.isOver) listener({ ...event, host: host.host });
      },
      signal,
      data: this.#data,
      admit: async (server, given) => {
        const leave = await this.#logins.enter(server, given);
        void limit.over.then(leave);
        return leave;
      },
      late: limit.late,
      before: () => assertSupplied(chain, prepared),
    };
    return deployer(host)(task, attendant);
  }
}

/**
 * When a deployment is left behind: its code does not heed being cancelled, or keeps its thread
 * busy for ever.
 */
class Limit {
  readonly #deadline: Deadline;
  readonly #late = withResolvers<never>();
  readonly #over = withResolvers<void>();
  #parting: NodeJS.Timeout | undefined;
  isOver = false;

  constructor({ signal, each: { timeoutMs } }: FleetOptions) {
    this.late.catch(() => {});
    this.#deadline = new Deadline({ signal, timeoutMs });
    onAbort(this.#deadline.signal, () => {
      this.#parting = setTimeout(() => this.#late.reject(leftBehind()), partingMs);
    });
  }

  /** Rejects when the deployment is left behind. */
  get late(): Promise<never> {
    return this.#late.promise;
  }

  /** Resolves when `end` has been called. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  end(): void {
    this.#deadline.end();
    clearTimeout(this.#parting);
    this.isOver = true;
    this.#over.resolve();
  }
}

function leftBehind(): ThreadLost {
  return new ThreadLost("it did not end when it was cancelled, and has been left behind", {
    hint: "what still runs there is not known; a property or its check does not heed being cancelled",
  });
}
