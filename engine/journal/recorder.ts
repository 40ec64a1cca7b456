import { defined, sendable } from "../../core/index.js";
import type { DeploymentEvent, DeploymentReport, Ending, Item } from "../report/index.js";
import { toRecordedError } from "./recordedError.js";
import { type EndedEntry, itemPath, type JournalRecord } from "./records.js";

const longestWords = 1000;
const mostItemsALine = 2000;
/** A host may tell any number of milliseconds. */
const longestMs = 1e12;

/** What is known of a host that is being deployed. */
interface HostProgress {
  /** The items that have ended since lines were last taken. */
  items: EndedEntry[];
  /** The same error ends what is around the item it arose in. */
  readonly errors: Set<unknown>;
}

/** Makes lines of a journal of what happens. */
export class Recorder {
  readonly #lines: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #hosts = new Map<string, HostProgress>();
  readonly #attempts: Map<string, number>;

  /** How often hosts have been begun before. */
  constructor(attempts: ReadonlyMap<string, number> = new Map()) {
    this.#attempts = new Map(attempts);
  }

  record(record: JournalRecord): void {
    this.text(`${JSON.stringify(record)}\n`);
  }

  text(text: string): void {
    this.#lines.push(text);
  }

  /** The lines that nobody has taken yet. */
  take(): string {
    for (const [host, progress] of this.#hosts) this.#tellProgress(host, progress);
    return this.#lines.splice(0).join("");
  }

  /** What happens is recorded. */
  event(event: DeploymentEvent): void {
    const { host } = event;
    const progress = this.#hosts.get(host);
    switch (event.type) {
      case "connecting":
        this.#started(host);
        break;
      case "ended":
        if (progress) this.#ended(host, progress, event);
        break;
      case "finished":
        if (progress) this.#finished(host, progress, event.report);
        break;
      // Of no use to whoever goes on or asks later.
      case "connected":
      case "retrying":
      case "started":
      case "inform":
        break;
      default:
        event satisfies never;
    }
  }

  #started(host: string): void {
    const attempt = (this.#attempts.get(host) ?? 0) + 1;
    this.#attempts.set(host, attempt);
    this.#hosts.set(host, { items: [], errors: new Set() });
    this.record({ type: "started", host, at: now(), attempt });
  }

  #ended(
    host: string,
    progress: HostProgress,
    { item, ending, durationMs }: Extract<DeploymentEvent, { type: "ended" }>,
  ): void {
    // An item can be unapplied and then applied: its path then has two endings.
    const path = item.unapplied ? `${item.path}-` : item.path;
    const letter = letterFor(ending);
    if (!letter || !itemPath.safeParse(path).success) return;
    const n = this.#numberOf(item);
    progress.items.push([path, n, letter, item.depth, whole(durationMs)]);
    if (progress.items.length === mostItemsALine) this.#tellProgress(host, progress);
    if (ending.outcome !== "failed" || progress.errors.has(ending.error)) return;
    progress.errors.add(ending.error);
    this.record({ type: "failed", host, path, n, error: toRecordedError(ending.error) });
  }

  #finished(host: string, progress: HostProgress, report: DeploymentReport): void {
    this.#tellProgress(host, progress);
    this.#hosts.delete(host);
    const { durationMs, counts, changed, error, traffic } = report;
    this.record({
      type: "finished",
      host,
      at: now(),
      durationMs: whole(durationMs),
      counts,
      changed,
      ...defined({ error: error && toRecordedError(error), traffic }),
    });
  }

  #tellProgress(host: string, progress: HostProgress): void {
    if (progress.items.length > 0) this.record({ type: "progress", host, items: progress.items });
    progress.items = [];
  }

  #numberOf({ id, desc, at }: Item): number {
    const key = [id, desc, at].join("\0");
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const words = {
      id: sendable(id, longestWords),
      desc: sendable(desc, longestWords),
      ...defined({ at: at && sendable(at, longestWords) }),
    };
    const n = this.#numbers.size;
    this.#numbers.set(key, n);
    this.record({ type: "item", n, ...words });
    return n;
  }
}

/** When something happens, as it is recorded. */
export function now(): string {
  return new Date().toISOString();
}

/** The letter for an ending; undefined for what was not reached and need not have been. */
function letterFor(ending: Ending): EndedEntry[2] | undefined {
  if (ending.outcome !== "notReached")
    return ({ changed: "c", unchanged: "u", failed: "f", interrupted: "i" } as const)[
      ending.outcome
    ];
  return ending.needed ? "s" : undefined;
}

function whole(durationMs: number): number {
  return Math.min(Math.round(durationMs), longestMs);
}
