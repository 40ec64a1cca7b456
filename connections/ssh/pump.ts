import { Readable } from "node:stream";

/** How much of a program's output may wait on our side for its reader. */
const waiting = 256 * 1024;

/**
 * What `source` gives, for a reader that may come late, pause or never come.
 *
 * The first 256 KiB are fetched without being asked for, so a program with little to say can end
 * although nobody has read it yet; after that the source waits. Neither an error of the source nor
 * contact lost surfaces here: the stream ends, and the reason stands in `ended`.
 */
export class Pump extends Readable {
  readonly #source: Readable;
  readonly #taken: () => void;
  #discarding = false;

  /** `taken` is called after each piece has been taken from the source. */
  constructor(source: Readable, taken: () => void = () => {}) {
    super({ highWaterMark: waiting });
    this.#source = source;
    this.#taken = taken;
    // An unheard `error` would end the process; whoever uses pipeline() hears it all the same.
    this.on("error", () => {});
    source.on("data", (chunk: Buffer) => {
      if (!this.#discarding && !this.push(chunk)) source.pause();
      this.#taken();
    });
    source.on("end", () => this.#end());
    source.on("close", () => this.#end());
    source.on("error", () => this.#end());
  }

  override _read(): void {
    this.#source.resume();
  }

  /** A reader that leaves early must not stop the program from ending. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#discard();
    done(error);
  }

  /** Ends the stream now; what the source still gives is thrown away. */
  cut(): void {
    this.#discard();
    this.#end();
  }

  #discard(): void {
    this.#discarding = true;
    this.#source.resume();
  }

  #end(): void {
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }
}
