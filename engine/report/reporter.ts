import type { ConsfigError } from "../base/index.js";
import type { LeftProcess } from "../shell/index.js";
import { type ApplicationEvent, type Ending, type Item, mapEvent } from "./applicationEvent.js";
import { type Counts, type Failure, noCounts, withOne } from "./events.js";
import { KnownSecrets } from "./knownSecrets.js";

/** An item that has ended, and how. */
interface EndedItem {
  readonly item: Item;
  readonly ending: Ending;
}

/**
 * Tells what happens while properties are applied, and adds it up for the report. Nothing that it tells
 * has a secret in it. (What the consfig says is none: descriptions are made of that.)
 */
export class Reporter {
  readonly #listener: (event: ApplicationEvent) => void;
  readonly #secrets: KnownSecrets;
  #counts = noCounts;
  readonly #failures: Failure[] = [];
  readonly #told = new Set<ConsfigError>();
  readonly #ended: EndedItem[] = [];
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
    return this.#counts;
  }

  /** Each error once, where it arose. */
  get failures(): readonly Failure[] {
    return [...this.#failures];
  }

  /** Whether an item was told as failed by that error. */
  hasTold(error: ConsfigError): boolean {
    return this.#told.has(this.#secrets.hideIn(error));
  }

  /** How many items have ended. */
  get endedCount(): number {
    return this.#ended.length;
  }

  /** The items that have ended after so many others. */
  endedSince(count: number): readonly EndedItem[] {
    return this.#ended.slice(count);
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
    this.#ended.push({ item, ending });
    if (ending.outcome === "failed" && !this.#told.has(ending.error)) {
      this.#told.add(ending.error);
      this.#failures.push({ item, error: ending.error });
    }
    const counts = ending.outcome !== "notReached" || ending.needed;
    if (item.depth === 0 && counts) this.#counts = withOne(this.#counts, ending.outcome);
  }
}
