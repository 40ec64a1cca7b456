import type { FileHandle } from "node:fs/promises";
import type { JournalFailed } from "../errors.js";
import { asJournalFailed } from "./place.js";

/** What has happened is on disk that long after, where the disk is quick. */
const delayMs = 100;

/**
 * Appends lines to a file: what comes within a short time is written together, and is then made
 * durable before anything else is written.
 */
export class Appender {
  readonly #file: FileHandle;
  readonly #where: string;
  readonly #take: () => string;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #failed: JournalFailed | undefined;
  #tell: (failure: JournalFailed) => void = () => {};
  /** Told once, when a line could not be written: nothing is from then on. */
  readonly failure = new Promise<JournalFailed>((resolve) => {
    this.#tell = resolve;
  });

  /** What is to be written is asked for when it is time to. */
  constructor(file: FileHandle, where: string, take: () => string) {
    this.#file = file;
    this.#where = where;
    this.#take = take;
  }

  get hasFailed(): boolean {
    return this.#failed !== undefined;
  }

  /** There is something to be written soon. */
  due(): void {
    // It is unset by `sync`: while the disk is slow no more of them pile up.
    this.#timer ??= setTimeout(() => {
      void this.#last.then(() => this.sync()).catch(() => {}); // told by `failure`
    }, delayMs);
  }

  /** All that there is to write is on disk. @throws JournalFailed */
  async sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = this.#last.then(() => this.#write());
    await this.#last;
    if (this.#failed) throw this.#failed;
  }

  /** Nothing more is written. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#last;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const text = this.#failed ? "" : this.#take();
    if (text === "") return;
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
    } catch (cause) {
      this.#failed = asJournalFailed(
        cause,
        "the journal of this run cannot be written",
        this.#where,
      );
      this.#tell(this.#failed);
    }
  }
}
