import type { ConsfigError } from "../base/index.js";
import type { LeftProcess } from "../shell/index.js";
import { type ApplicationEvent, type Ending, type Item, mapEvent } from "./applicationEvent.js";
import type { Counts, Failure } from "./events.js";
import { KnownSecrets } from "./knownSecrets.js";

/**
 * Tells what happens while properties are applied, and adds it up for the report. Nothing that it tells
 * has a secret in it. (What the consfig says is none: descriptions are made of that.)
 */
export class Reporter {
  readonly #listener: (event: ApplicationEvent) => void;
  readonly #secrets: KnownSecrets;
  readonly #counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0 };
  readonly #failures: Failure[] = [];
  readonly #told = new Set<ConsfigError>();
  readonly #left: LeftProcess[];

  constructor(
    listener: (event: ApplicationEvent) => void,
    secrets = new KnownSecrets(),
    left: LeftProcess[] = [],
  ) {
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
    this.tell({ type: "started", item });
  }

  ended(item: Item, ending: Ending, durationMs: number): void {
    this.tell({ type: "ended", item, ending, durationMs });
  }

  inform(level: 1 | 2 | 3, text: string): void {
    this.tell({ type: "inform", level, text });
  }

  /** Whatever happens is told, and how items end is added up. */
  tell(event: ApplicationEvent): void {
    const told = mapEvent(event, {
      text: (text) => this.#secrets.hide(text),
      item: (item) => item,
      error: (error: ConsfigError) => this.#secrets.hideIn(error),
    });
    if (told.type === "ended") this.#count(told.item, told.ending);
    this.#listener(told);
  }

  /** A reporter that tells nothing of items: for properties that are part of one that is told of. */
  muted(): Reporter {
    const listener = (event: ApplicationEvent) => {
      if (event.type !== "started" && event.type !== "ended") this.#listener(event);
    };
    return new Reporter(listener, this.#secrets, this.#left);
  }

  #count(item: Item, ending: Ending): void {
    if (ending.outcome === "failed" && !this.#told.has(ending.error)) {
      this.#told.add(ending.error);
      this.#failures.push({ item, error: ending.error });
    }
    const counts = ending.outcome !== "notReached" || ending.needed;
    if (item.depth === 0 && counts) this.#counts[ending.outcome]++;
  }
}
