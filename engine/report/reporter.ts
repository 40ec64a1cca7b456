import type { ConsfigError } from "../base/index.js";
import type { LeftProcess } from "../shell/index.js";
import type { Counts, Ending, Failure, Item, Listener } from "./events.js";
import { KnownSecrets } from "./knownSecrets.js";

/**
 * Tells what happens to a deployment's listener, and adds it up for the report. Nothing that it tells
 * has a secret in it. (What the consfig says is none: descriptions are made of that.)
 */
export class Reporter {
  readonly #host: string;
  readonly #listener: Listener;
  readonly #secrets: KnownSecrets;
  readonly #counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
  readonly #failures: Failure[] = [];
  readonly #told = new Set<ConsfigError>();
  readonly #left: LeftProcess[];

  constructor(
    host: string,
    listener: Listener,
    secrets = new KnownSecrets(),
    left: LeftProcess[] = [],
  ) {
    this.#host = host;
    this.#listener = listener;
    this.#secrets = secrets;
    this.#left = left;
  }

  /** The properties of the host itself, by how they ended. What is inside others is not counted. */
  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Each error once, where it arose. */
  get failures(): readonly Failure[] {
    return [...this.#failures];
  }

  /** What commands that had to be ended have left running. */
  get leftRunning(): readonly LeftProcess[] {
    return [...this.#left];
  }

  /** Notes processes that go on although their command was ended. */
  left(processes: readonly LeftProcess[]): void {
    for (const { pid, command } of processes) {
      this.#left.push({ pid, command: this.#secrets.hide(command) });
    }
  }

  started(item: Item): void {
    this.#listener({ host: this.#host, type: "started", item });
  }

  ended(item: Item, how: Ending, durationMs: number): void {
    const ending = this.#shown(how);
    if (ending.outcome === "failed" && !this.#told.has(ending.error)) {
      this.#told.add(ending.error);
      this.#failures.push({ item, error: ending.error });
    }
    const counts = ending.outcome !== "notReached" || ending.needed;
    if (item.depth === 0 && counts) this.#counts[ending.outcome]++;
    this.#listener({ host: this.#host, type: "ended", item, ending, durationMs });
  }

  inform(level: 1 | 2 | 3, text: string): void {
    this.#listener({ host: this.#host, type: "inform", level, text: this.#secrets.hide(text) });
  }

  /** One that tells only what properties inform of: for properties that are part of another. */
  muted(): Reporter {
    const listener: Listener = (event) => {
      if (event.type === "inform") this.#listener(event);
    };
    return new Reporter(this.#host, listener, this.#secrets, this.#left);
  }

  #shown(ending: Ending): Ending {
    const { outcome } = ending;
    if (outcome === "failed") return { outcome, error: this.#secrets.hideIn(ending.error) };
    if (outcome !== "notReached") return ending;
    return { ...ending, reason: this.#secrets.hide(ending.reason) };
  }
}
