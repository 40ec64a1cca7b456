import type { ConsfigError } from "../base/index.js";
import type { RemoteCommand, StreamName } from "./command.js";
import type { Spool } from "./spool.js";

/** Bytes of lines that may wait in the pipe between dispatcher and executor, which holds 64 KiB. */
const maxInFlight = 48 * 1024;

/** The commands of a session, in order: those that wait for their turn, and those the host has. */
export class CommandQueue {
  readonly #write: (line: string) => void;
  readonly #spool: Spool;
  readonly #waiting: RemoteCommand[] = [];
  /** Commands that were sent and not answered, each with the length of its line. */
  readonly #sent: { readonly command: RemoteCommand; readonly length: number }[] = [];
  readonly #statistics = { commands: 0, roundTrips: 0 };
  #inFlight = 0;
  #isPausing = false;
  #isStoring = false;
  /** The command whose stdin has been stored. */
  #stored: RemoteCommand | undefined;

  constructor(write: (line: string) => void, spool: Spool) {
    this.#write = write;
    this.#spool = spool;
  }

  get statistics(): { readonly commands: number; readonly roundTrips: number } {
    return this.#statistics;
  }

  add(command: RemoteCommand, first = false): void {
    if (first) this.#waiting.unshift(command);
    else this.#waiting.push(command);
    this.flush();
  }

  /** The command that the stream is telling of. */
  current(stream: StreamName): RemoteCommand | undefined {
    return this.#sent.find(({ command }) => !command.hasEnded(stream))?.command;
  }

  find(number: string | undefined): RemoteCommand | undefined {
    const all = [...this.#sent.map(({ command }) => command), ...this.#waiting];
    return all.find((command) => String(command.number) === number);
  }

  /** The oldest command, if all of it has been told; it is not of the queue any more. */
  takeEnded(): RemoteCommand | undefined {
    const [first] = this.#sent;
    if (!first?.command.hasEnded("stdout") || !first.command.hasEnded("stderr")) return undefined;
    this.#sent.shift();
    this.#inFlight -= first.length;
    this.#sent[0]?.command.takesItsTurn();
    if (first.command.looks) this.#pause();
    return first.command;
  }

  /** Sends what can be sent of the waiting commands. */
  flush(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (!next.isSettled && !this.#send(next)) return;
      this.#waiting.shift();
    }
  }

  fail(error: ConsfigError): void {
    const sent = this.#sent.splice(0).map(({ command }) => command);
    for (const command of [...sent, ...this.#waiting.splice(0)]) command.fail(error);
  }

  /**
   * No command that changes is sent before those who looked have seen the answer, and perhaps look
   * again.
   */
  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    setImmediate(() => {
      this.#isPausing = false;
      this.flush();
    });
  }

  /** Sends the command, unless its turn has not come yet. */
  #send(command: RemoteCommand): boolean {
    const { line, stored } = command.message;
    if (stored && this.#stored !== command) {
      this.#store(command, stored);
      return false;
    }
    const length = Buffer.byteLength(line);
    const goesAlone = !command.looks || this.#inFlight + length > maxInFlight;
    if (goesAlone && (this.#isPausing || this.#sent.length > 0)) return false;
    if (this.#sent.length === 0) this.#statistics.roundTrips++;
    this.#statistics.commands++;
    this.#inFlight += length;
    this.#sent.push({ command, length });
    command.send();
    this.#write(line);
    if (this.#sent.length === 1) command.takesItsTurn();
    return true;
  }

  #store(command: RemoteCommand, bytes: Uint8Array): void {
    if (this.#isStoring) return;
    this.#isStoring = true;
    void this.#spool
      .put(command.number, bytes, () => command.isSettled)
      .then(() => {
        this.#isStoring = false;
        this.#stored = command;
        this.flush();
      });
  }
}
