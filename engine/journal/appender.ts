import type { FileHandle } from "node:fs/promises";
import { withResolvers } from "../../core/index.js";
import type { JournalFailed } from "../base/index.js";
import { asJournalFailed } from "./place.js";

/** How long after an event its line is on disk, where the disk is quick. */
const delayMs = 100;

/**
 * Appends lines to a file. Lines of one turn of the event loop are written together: they are there even
 * if this process is killed. A tenth of a second later they are synced to the disk, with all that have come
 * meanwhile: they are there even after a power cut.
 */
export class Appender {
  readonly #file: FileHandle;
  readonly #where: string;
  readonly #take: () => string;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #appended: Promise<void> = Promise.resolve();
  #synced: Promise<void> = Promise.resolve();
  #failed: JournalFailed | undefined;
  readonly #failure = withResolvers<JournalFailed>();

  /** `take` gives the lines that are to be written, when it is time for that. */
  constructor(file: FileHandle, where: string, take: () => string) {
    this.#file = file;
    this.#where = where;
    this.#take = take;
  }

  /** Resolves when a line could not be written. Nothing is written from then on. */
  get failure(): Promise<JournalFailed> {
    return this.#failure.promise;
  }

  get hasFailed(): boolean {
    return this.#failed !== undefined;
  }

  /** There is something to be written. */
  due(): void {
    if (!this.#isDue) setImmediate(() => this.#append());
    this.#isDue = true;
    this.#timer ??= setTimeout(() => {
      this.sync().catch(() => {}); // told by `failure`
    }, delayMs);
  }

  /** All that there is to write is on disk. @throws JournalFailed */
  async sync(): Promise<void> {
    await this.#append();
    this.#synced = this.#synced.then(() => this.#doing(() => this.#file.datasync()));
    await this.#synced;
    // The next sync is due only after this one: while the disk is slow none pile up.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failed) throw this.#failed;
  }

  /** Nothing more is written. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#appended;
    await this.#synced;
    await this.#file.close();
  }

  #append(): Promise<void> {
    this.#isDue = false;
    const text = this.#failed ? "" : this.#take();
    if (text === "") return this.#appended;
    this.#appended = this.#appended.then(() => this.#doing(() => this.#file.appendFile(text)));
    return this.#appended;
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    if (this.#failed) return;
    try {
      await work();
    } catch (cause) {
      this.#failed = asJournalFailed(
        cause,
        "the journal of this run cannot be written",
        this.#where,
      );
      this.#failure.resolve(this.#failed);
    }
  }
}
