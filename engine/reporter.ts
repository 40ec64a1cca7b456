import type { ConsfigError } from "./errors.js";
import type { Counts, Ending, Failure, Item, Listener } from "./events.js";

/** Tells what happens to a deployment's listener, and adds it up for the report. */
export class Reporter {
  readonly #host: string;
  readonly #listener: Listener;
  readonly #counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
  readonly #failures: Failure[] = [];
  readonly #told = new Set<ConsfigError>();

  constructor(host: string, listener: Listener) {
    this.#host = host;
    this.#listener = listener;
  }

  /** The properties of the host itself, by how they ended. What is inside others is not counted. */
  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Each error once, where it arose. */
  get failures(): readonly Failure[] {
    return [...this.#failures];
  }

  started(item: Item): void {
    this.#listener({ host: this.#host, type: "started", item });
  }

  ended(item: Item, ending: Ending, durationMs: number): void {
    if (ending.outcome === "failed" && !this.#told.has(ending.error)) {
      this.#told.add(ending.error);
      this.#failures.push({ item, error: ending.error });
    }
    const counts = ending.outcome !== "notReached" || ending.needed;
    if (item.depth === 0 && counts) this.#counts[ending.outcome]++;
    this.#listener({ host: this.#host, type: "ended", item, ending, durationMs });
  }

  inform(level: 1 | 2 | 3, text: string): void {
    this.#listener({ host: this.#host, type: "inform", level, text });
  }

  /** One that tells only what properties inform of: for properties that are part of another. */
  muted(): Reporter {
    return new Reporter(this.#host, (event) => {
      if (event.type === "inform") this.#listener(event);
    });
  }
}
