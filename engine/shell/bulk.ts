import { randomBytes } from "node:crypto";
import { type ConsfigError, FileFailed, lastLines } from "../errors.js";
import { oneLineWord } from "./program.js";

const chunkBytes = 256 * 1024;

/** Bytes on their way to files on the host, past the commands. */
export class Bulk {
  readonly #write: (line: string, bytes?: Uint8Array) => void;
  readonly #waiting = new Map<number, { path: string; done: (error?: ConsfigError) => void }>();
  #count = 0;
  #directory: string | undefined;
  #over: ConsfigError | undefined;

  constructor(write: (line: string, bytes?: Uint8Array) => void) {
    this.#write = write;
  }

  /** The path of a new file with the bytes, in a directory that only we can enter. */
  async spool(bytes: Uint8Array): Promise<string> {
    if (this.#directory === undefined) {
      // The name cannot be foreseen, and a directory that is there already is not taken over.
      this.#directory = `/tmp/.consfig-${randomBytes(12).toString("hex")}`;
      this.#write(`M ${oneLineWord(this.#directory)}\n`);
    }
    const path = `${this.#directory}/${this.#count + 1}`;
    await this.store(path, bytes);
    return path;
  }

  /** The bytes are in a new file of that name. @throws FileFailed */
  store(path: string, bytes: Uint8Array): Promise<void> {
    const number = ++this.#count;
    return new Promise((resolve, reject) => {
      const done = (error?: ConsfigError) => (error ? reject(error) : resolve());
      if (this.#over) return done(this.#over);
      this.#waiting.set(number, { path, done });
      this.#write(`N ${oneLineWord(path)}\n`);
      for (let start = 0; start < bytes.length; start += chunkBytes) {
        const chunk = bytes.subarray(start, start + chunkBytes);
        this.#write(`B ${chunk.length}\n`, chunk);
      }
      this.#write(`F ${number}\n`);
    });
  }

  /** The host says that it has the bytes, or why not. */
  stored([number, ...trouble]: readonly string[]): void {
    const waiting = this.#waiting.get(Number(number));
    this.#waiting.delete(Number(number));
    const text = lastLines(trouble.join(":").trim());
    if (text === "") waiting?.done();
    else
      waiting?.done(
        new FileFailed(`${waiting.path} could not be written: ${text}`, { path: waiting.path }),
      );
  }

  /** The session is over. */
  fail(error: ConsfigError): void {
    this.#over = error;
    for (const { done } of this.#waiting.values()) done(error);
    this.#waiting.clear();
  }
}
