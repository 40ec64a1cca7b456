import type { FileHandle } from "node:fs/promises";
import { withResolvers } from "../../core/index.js";
import type { JournalFailed } from "../base/index.js";
import { asJournalFailed } from "./place.js";

/** What has happened is on disk that long after, where the disk is quick. */
const delayMs = 100;

/**
 * Appends lines to a file. What comes at once is written at once, so that it is there though this process
 * be killed; and made durable a little later with what has come meanwhile, so that it is there though the
 * power fail.
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

  /** What is to be written is asked for when it is time to. */
  constructor(file: FileHandle, where: string, take: () => string) {
    this.#file = file;
    this.#where = where;
    this.#take = take;
  }

  /** Told once, when a line could not be written: nothing is from then on. */
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
    // Not before: while the disk is slow no more of them pile up.
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
