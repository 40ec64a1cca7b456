import { setTimeout as sleep } from "node:timers/promises";
import { CappedOutput, GrowingBuffer, onAbort } from "../../../core/index.js";
import {
  Cancelled,
  type ConsfigError,
  lastLines,
  printable,
  printableLines,
  sh,
} from "../../base/index.js";
import type { Connattrs, Connection } from "../../connect/index.js";
import type { ByteStream, HopContext } from "../../model/index.js";
import type { Traffic } from "../../shell/index.js";

const longestLine = 64 * 1024;
const newline = 0x0a;
const keptBytes = 32 * 1024;
/** Since a session begins with its own shell, this is plenty. */
const lookLimitMs = 10_000;
/** Whoever has cancelled does not wait long for a host that does not answer. */
const killLimitMs = 1000;

/** Where a Node image runs. A {@link Connection} that it has taken over is one. */
export interface ImagePlace {
  /** The chain in words. */
  readonly description: string;
  readonly connattrs: Connattrs;
  readonly traffic: Traffic | undefined;
  /** A shell in the same place. Left out: there is no other way to it. */
  another?(signal: AbortSignal): Promise<Connection>;
  close(): Promise<void>;
}

/** A Node image's stream, what is printed beside it, and the process itself. */
export class ImageStream {
  readonly stream: ByteStream;
  /** The process's id, once it has said so. */
  pid: number | undefined;
  readonly place: ImagePlace;
  readonly #printed = new CappedOutput(keptBytes);
  readonly #line = new GrowingBuffer();

  constructor(stream: ByteStream, place: ImagePlace, context: HopContext) {
    this.stream = stream;
    this.place = place;
    // What code prints that runs there is nobody's result; it is shown to whoever looks closer.
    stream.stderr.on("data", (bytes: Buffer) => {
      this.#printed.push(bytes);
      for (const line of this.#linesWith(bytes)) {
        context.report(2, `${this.description}: ${printable(line)}`);
      }
    });
  }

  /** The lines that these bytes complete. Of a line that is too long only the end is kept. */
  *#linesWith(bytes: Buffer): Generator<string> {
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#line.push(bytes.subarray(start, end));
      yield this.#line.take(this.#line.length).toString("utf8");
      start = end + 1;
    }
    this.#line.push(bytes.subarray(start));
    this.#line.drop(Math.max(0, this.#line.length - longestLine));
  }

  /** The chain in words. */
  get description(): string {
    return this.place.description;
  }

  /** The last lines that were printed, as they may be shown. */
  get printed(): string {
    return printableLines(lastLines(this.#printed.text()));
  }

  /** Why contact is lost, if it is and not only the program has ended; waits a moment for it. */
  async lost(): Promise<ConsfigError | undefined> {
    const late = sleep(1000, undefined, { ref: false });
    return (await Promise.race([this.stream.ended, late]))?.error;
  }

  /** Whether somebody has made the process stand still: asked by a second shell there. */
  async isStopped(): Promise<boolean> {
    if (this.pid === undefined) return false;
    const stopped = await this.#beside(lookLimitMs, async (exec) => {
      const { stdout } = await exec(sh`cat /proc/${this.pid ?? 0}/stat`);
      return /\) [Tt] /.test(stdout.toString("latin1"));
    });
    return stopped ?? false;
  }

  /** Ends the process for good, and with it all it has started; then the stream. */
  async kill(): Promise<void> {
    const { pid } = this;
    if (pid !== undefined) {
      await this.#beside(killLimitMs, (exec) => exec(sh`kill -s KILL ${pid}`)).catch(() => {});
    }
    this.stream.destroy();
  }

  async #beside<T>(
    timeoutMs: number,
    work: (exec: (words: ReturnType<typeof sh>) => Promise<{ stdout: Buffer }>) => Promise<T>,
  ): Promise<T | undefined> {
    const other = await this.place.another?.(AbortSignal.timeout(timeoutMs));
    if (!other) return undefined;
    try {
      return await work((words) => other.shell.exec(words, { looks: true, timeoutMs }));
    } finally {
      await other.close();
    }
  }
}

/** Ends the stream when the signal says so, until the work is done. @throws Cancelled */
export async function unlessCancelled<T>(
  { stream, description }: ImageStream,
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T> {
  const stop = onAbort(signal, () => stream.destroy());
  try {
    return await work;
  } catch (error) {
    if (signal?.aborted) throw new Cancelled(`cancelled: ${description}`);
    throw error;
  } finally {
    stop();
  }
}
