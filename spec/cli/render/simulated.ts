/** Hosts that are deployed as a spec says, as far as a renderer can see. */
import type { Renderer } from "../../../cli/render/renderer.js";
import { type ConsfigError, HostUnreachable } from "../../../engine/base/errors.js";
import type { Result } from "../../../engine/fleet/result.js";
import type { DeploymentReport, Failure, Item } from "../../../engine/index.js";

/** `web001.example` and so on. */
export function namesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `web${String(i + 1).padStart(3, "0")}.example`);
}

/** One of a host's own properties. */
export function itemOf(desc: string, index = 0): Item {
  return {
    path: String(index),
    depth: 0,
    desc,
    id: "spec.item",
    at: `consfig.ts:${index + 3}:5`,
    silent: false,
  };
}

/** Tells a renderer of one host what the engine would. */
export class Simulated {
  readonly host: string;
  readonly #renderer: Renderer;
  readonly #counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
  readonly #failures: Failure[] = [];
  #properties = 0;
  #isConnected = false;

  constructor(host: string, renderer: Renderer) {
    this.host = host;
    this.#renderer = renderer;
  }

  connecting(): void {
    this.#renderer.listener({ host: this.host, type: "connecting", chain: `ssh ${this.host}` });
  }

  connected(): void {
    const { host } = this;
    this.#isConnected = true;
    this.#renderer.listener({ host, type: "connected", chain: `ssh ${host}`, durationMs: 5 });
  }

  retrying(attempt: number): void {
    const error = this.unreachable();
    this.#renderer.listener({ host: this.host, type: "retrying", attempt, afterMs: 2000, error });
  }

  started(desc: string): Item {
    const item = itemOf(desc, this.#properties++);
    this.#renderer.listener({ host: this.host, type: "started", item });
    return item;
  }

  ended(item: Item, how: "changed" | "unchanged" | ConsfigError, durationMs = 1): void {
    const ending =
      typeof how === "string" ? { outcome: how } : { outcome: "failed" as const, error: how };
    this.#counts[ending.outcome]++;
    if (typeof how !== "string") this.#failures.push({ item, error: how });
    this.#renderer.listener({ host: this.host, type: "ended", item, ending, durationMs });
  }

  finished(more: Partial<DeploymentReport> = {}): Result {
    const traffic = { commands: 1, roundTrips: 1, bytesSent: 1, bytesReceived: 1 };
    const report: DeploymentReport = {
      host: this.host,
      chain: `ssh ${this.host}`,
      changed: this.#counts.changed > 0,
      counts: this.#counts,
      failures: this.#failures,
      durationMs: 10,
      ...(this.#isConnected ? { traffic } : {}),
      ...more,
    };
    this.#renderer.listener({ host: this.host, type: "finished", report });
    return { host: this.host, report };
  }

  /** All of it, with one property. */
  deployed(desc: string, how: "changed" | "unchanged" | ConsfigError, durationMs = 1): Result {
    this.connecting();
    this.connected();
    this.ended(this.started(desc), how, durationMs);
    return this.finished({ durationMs });
  }

  /** No connection can be made. */
  unreached(): Result {
    this.connecting();
    return this.finished({ error: this.unreachable() });
  }

  unreachable(): ConsfigError {
    return new HostUnreachable(`${this.host} cannot be reached: nobody answers`);
  }
}
