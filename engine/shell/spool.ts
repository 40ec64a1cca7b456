import { randomBytes } from "node:crypto";

const chunkBytes = 256 * 1024;

/** Long stdin on its way to files on the host, in a directory that only the account can enter. */
export class Spool {
  readonly #send: (line: string, bytes?: Uint8Array) => Promise<void>;
  // Nobody can foresee the directory's name, and one that is there already is not taken over.
  readonly #directory = `.consfig-${randomBytes(12).toString("hex")}`;
  #isMade = false;

  /** `send` resolves when the stream takes more: what stops commands must not wait for it all. */
  constructor(send: (line: string, bytes?: Uint8Array) => Promise<void>) {
    this.#send = send;
  }

  /** Shell text: where the stdin of the command of that number is, once it has been put there. */
  path(number: number): string {
    return `"$_y/${this.#directory}/${number}"`;
  }

  /**
   * Sends the bytes there: one call at a time. As soon as `isGivenUp` says so it stops, and the host
   * drops what it has.
   */
  async put(number: number, bytes: Uint8Array, isGivenUp: () => boolean): Promise<void> {
    if (!this.#isMade) await this.#send(`M ${this.#directory}\n`);
    this.#isMade = true;
    await this.#send(`N ${number}\n`);
    for (let start = 0; start < bytes.length && !isGivenUp(); start += chunkBytes) {
      const chunk = bytes.subarray(start, start + chunkBytes);
      await this.#send(`B ${chunk.length}\n`, chunk);
    }
    await this.#send(`F ${number} ${bytes.length}\n`);
  }
}
