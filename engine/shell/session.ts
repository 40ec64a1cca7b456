import { randomBytes } from "node:crypto";
import { PassThrough, Transform } from "node:stream";
import { afterMs } from "../../core/index.js";
import {
  ConnectionLost,
  type ConsfigError,
  quoteWords,
  SessionGarbled,
  type Words,
} from "../base/index.js";
import type { ByteStream } from "../model/index.js";
import { RemoteCommand, type Stopper, type StreamName } from "./command.js";
import { endOfStream } from "./endOfStream.js";
import { enter } from "./enter.js";
import { storeFailed } from "./fileErrors.js";
import { leftBehind } from "./leftBehind.js";
import { unknownLeft } from "./leftRunning.js";
import { messageFor } from "./message.js";
import type { ExecLanes, ExecOptions, ExecResult, SessionOptions } from "./options.js";
import { execProgramLine } from "./program.js";
import { CommandQueue } from "./queue.js";
import { type Piece, Scanner } from "./scanner.js";
import { Spool } from "./spool.js";
import type { Traffic } from "./traffic.js";

/** How long the host may take to end everything: it gives commands two seconds after a SIGTERM. */
const partingMs = 3000;
/** How long a host may take to take what is sent, or to say whether it has a program. */
const standstillMs = 5 * 60_000;

/** A session on the stream, when all hops have been passed. @throws ConnectionFailed, Cancelled */
export async function openShell(
  stream: ByteStream,
  options: SessionOptions,
): Promise<ShellSession> {
  const nonce = randomBytes(16).toString("hex");
  const scanner = new Scanner(nonce);
  const session = new ShellSession(stream, scanner, new Scanner(nonce), options.description);
  await enter(stream, scanner, nonce, options, session);
  return session;
}

/**
 * One persistent shell on a host, at the end of one byte stream.
 *
 * Commands run one after the other, in the order in which they were given; they can be given without
 * waiting for each other, and then the answers of those that look travel together. One that changes
 * is sent when all before it have been answered: if it is cancelled until then, it surely never runs.
 */
export class ShellSession {
  readonly description: string;
  /**
   * A word that the session's commands have in their environment, so that their processes can be
   * found.
   */
  readonly marker = randomBytes(8).toString("hex");
  /** Settles when the session is over; never rejects. */
  readonly ended: Promise<ConsfigError | undefined>;
  /**
   * For those who gather commands: a command that is given here does not call the `flush` of {@link
   * gathers}.
   */
  readonly lanes: ExecLanes = {
    next: (text, options) => this.#execText(text, options),
    again: (text, options) => this.#execText(text, { ...options, first: true }),
  };
  readonly #stream: ByteStream;
  readonly #spool = new Spool((line, bytes) => this.#send(line, bytes));
  readonly #queue = new CommandQueue((line) => this.write(line), this.#spool);
  readonly #traffic = { bytesSent: 0, bytesReceived: 0 };
  readonly #held = { stdout: 0, stderr: 0 };
  /** Functions that are called before a command is given. */
  readonly #flushes: (() => void)[] = [];
  /** Called when the stream takes more. */
  #drained = () => {};
  #count = 0;
  /** Round trips of a program that has taken the session's place. */
  #roundTripsAfter = 0;
  #executor = 0;
  #over: ConsfigError | undefined;
  #closing = false;
  /** What a program that has taken the session's place prints, and who waits for it to begin. */
  #replacement: { readonly stdout: PassThrough; begin(isThere: boolean): void } | undefined;

  constructor(stream: ByteStream, out: Scanner, err: Scanner, description: string) {
    this.#stream = stream;
    this.description = description;
    const read = (name: StreamName, scanner: Scanner) => {
      const readable = stream[name];
      readable.on("error", () => {}); // told by `ended`
      readable.on("data", (bytes: Buffer) => {
        this.#traffic.bytesReceived += bytes.length;
        if (this.#executor !== 0) this.#take(name, scanner, bytes);
      });
    };
    read("stdout", out);
    read("stderr", err);
    stream.stdin.on("error", () => {});
    stream.stdin.on("drain", () => this.#drained());
    this.ended = endOfStream(stream).then((end) => {
      this.#fail(end.error ?? this.#lost("the connection ended"));
      return this.#closing ? undefined : this.#over;
    });
  }

  /** What the session has cost so far. */
  get statistics(): Traffic {
    const { commands, roundTrips } = this.#queue.statistics;
    return { commands, roundTrips: roundTrips + 1 + this.#roundTripsAfter, ...this.#traffic };
  }

  /** The executor runs, and is the process of that number. */
  begin(executor: number): void {
    this.#executor = executor;
    this.write(`X ${executor}\n`);
  }

  /**
   * How the command ended, and what it printed. A non-zero exit code is no error here.
   *
   * @throws CommandTimedOut, Cancelled when it has been stopped; ConnectionLost, SessionGarbled,
   * FileFailed when its directory or the place for its stdin is missing; InvalidArgument.
   */
  async exec(words: Words, options: ExecOptions): Promise<ExecResult> {
    const text = quoteWords(words);
    // The process that gets a signal must be the program itself: a shell that waits for it would end at
    // once, and take with it a program that is still tidying up.
    return this.execText(options.looks ? text : `exec ${text}`, { name: text, ...options });
  }

  /** Like exec, for shell text. */
  execText(text: string, options: ExecOptions): Promise<ExecResult> {
    for (const flush of this.#flushes) flush();
    return this.#execText(text, options);
  }

  /**
   * Somebody gathers commands, and gives what was gathered when `flush` is called: before any other
   * command.
   */
  gathers(flush: () => void): void {
    this.#flushes.push(flush);
  }

  async #execText(text: string, options: ExecOptions): Promise<ExecResult> {
    const number = ++this.#count;
    const message = messageFor(number, text, options, this.#spool.path(number));
    const command = new RemoteCommand(
      number,
      options.name ?? text,
      message,
      options,
      this.#stopper,
    );
    if (this.#over) command.fail(this.#over);
    this.#queue.add(command, options.first);
    return command.result;
  }

  /**
   * A program that takes the session's place on the stream, once all commands have ended; undefined
   * if it is not there. No command can be run any more then.
   *
   * @param find shell text that prints the program's path, or nothing
   * @param environment `NAME=value` in shell text: all that the program's environment will have
   * @param firstLine what it reads first; sent along, so that it need not be waited for twice
   */
  async execProgram(
    find: string,
    environment: Words,
    words: Words,
    firstLine: string,
  ): Promise<ByteStream | undefined> {
    if (this.#over) throw this.#over;
    const stdout = new PassThrough();
    const late = afterMs(standstillMs, () =>
      this.#giveUp(`no answer for ${standstillMs} ms, whether a program is there`),
    );
    const isThere = await new Promise<boolean>((resolve, reject) => {
      this.#replacement = { stdout, begin: resolve };
      void this.ended.then(() => reject(this.#over));
      this.#roundTripsAfter++;
      this.write(`${execProgramLine(find, environment, words)}${firstLine}\n`);
    }).finally(() => clearTimeout(late));
    if (!isThere) {
      this.#replacement = undefined;
      return undefined;
    }
    const { stderr, ended } = this.#stream;
    const whenEnded = ended.finally(() => stdout.end());
    const stdin = this.#counted();
    return { stdin, stdout, stderr, ended: whenEnded, destroy: () => this.#stream.destroy() };
  }

  /** A way into the stream on which bytes are counted. */
  #counted(): Transform {
    const traffic = this.#traffic;
    const counted = new Transform({
      transform(bytes: Buffer, _encoding, callback) {
        traffic.bytesSent += bytes.length;
        callback(null, bytes);
      },
    });
    counted.on("error", () => {}); // told by `ended`
    counted.pipe(this.#stream.stdin);
    return counted;
  }

  /** The session is over, and everything that it started. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#fail(this.#lost("the session was closed"));
    await this.#leave();
  }

  /** Sends a line, and bytes after it. */
  write(line: string, bytes?: Uint8Array): void {
    if (this.#over) return;
    this.#gather();
    this.#traffic.bytesSent += Buffer.byteLength(line) + (bytes?.length ?? 0);
    this.#stream.stdin.write(line);
    if (bytes) this.#stream.stdin.write(bytes);
  }

  /**
   * All that is written in one turn is sent together: each piece would cost a packet, and both
   * sides a turn.
   */
  #gather(): void {
    const { stdin } = this.#stream;
    if (stdin.writableCorked > 0) return;
    stdin.cork();
    setImmediate(() => stdin.uncork());
  }

  /** Sends, and waits until the stream takes more. */
  async #send(line: string, bytes?: Uint8Array): Promise<void> {
    this.write(line, bytes);
    if (this.#over || !this.#stream.stdin.writableNeedDrain) return;
    const late = afterMs(standstillMs, () =>
      this.#giveUp(`nothing that is sent was taken for ${standstillMs} ms`),
    );
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    clearTimeout(late);
  }

  /** Takes what the host says. Bytes that are not of the protocol end the session. */
  #take(name: StreamName, scanner: Scanner, bytes: Buffer): void {
    try {
      for (const piece of scanner.feed(bytes)) {
        if (this.#replacement) this.#takeFromReplacement(name, scanner, piece);
        else if (piece.type === "mark" && piece.letter === "Z") this.#executorEnded();
        else if (!this.#over) this.#takePiece(name, piece);
      }
    } catch (error) {
      if (!(error instanceof SessionGarbled)) throw error;
      this.#fail(new SessionGarbled(`${this.description}: ${error.message}`, error.facts));
      this.#stream.destroy();
    }
  }

  /** Takes what a program says that takes the session's place, or that there is no such program. */
  #takeFromReplacement(name: StreamName, scanner: Scanner, piece: Piece): void {
    const replacement = this.#replacement;
    if (!replacement || name === "stderr") return; // that is read from the stream itself
    if (piece.type === "mark" && piece.letter === "G") {
      const isThere = piece.fields.length === 0;
      if (isThere) scanner.stop();
      replacement.begin(isThere);
    } else if (piece.type === "data" && !replacement.stdout.write(piece.data)) {
      this.#hold("stdout", new Promise((resolve) => replacement.stdout.once("drain", resolve)));
    }
  }

  #takePiece(name: StreamName, piece: Piece): void {
    const command = this.#queue.current(name);
    if (piece.type === "data") {
      const held = command?.print(name, piece.data);
      if (held) this.#hold(name, held);
    } else if (piece.letter === "B") {
      const [number, ...trouble] = piece.fields;
      this.#queue.find(number)?.fail(storeFailed(trouble.join(":")));
    } else if (command) {
      command.mark(name, piece.letter, piece.fields);
      this.#retire();
    } else {
      throw new SessionGarbled(`an answer to nothing: ${piece.letter}`);
    }
  }

  /** Reads no more of the stream until what was printed has been dealt with. */
  #hold(name: StreamName, until: Promise<void>): void {
    this.#held[name]++;
    this.#stream[name].pause();
    void until.then(() => {
      this.#held[name]--;
      if (this.#held[name] === 0) this.#stream[name].resume();
    });
  }

  #retire(): void {
    for (let done = this.#queue.takeEnded(); done; done = this.#queue.takeEnded()) {
      // The command has ended as it was told to, but perhaps not all that it had started.
      if (done.isStopping && !done.looks) this.write(`K KILL -${done.pid}\n`);
      done.finish();
    }
    this.#queue.flush();
  }

  readonly #stopper: Stopper = {
    stop: (command, signal) => {
      const { looks, pid } = command;
      if (!looks) this.write(`K ${signal} -${pid} ${pid}\n`);
      else if (signal === "TERM") this.write(`T ${this.#executor} ${pid}\n`);
      // Such a command is in the executor's process group: SIGKILL would end the executor, too.
      else this.#giveUp("a command could not be stopped");
    },
    giveUp: (what) => this.#giveUp(what),
    leftOf: ({ number }) =>
      leftBehind(
        (text, options) => this.execText(text, options),
        `CONSFIG_COMMAND=${number}-${this.marker}`,
      ),
  };

  #giveUp(what: string): void {
    this.#fail(this.#lost(what, unknownLeft));
    this.#stream.destroy();
  }

  /** The executor has ended: nobody is left on the host who would end what it was running. */
  #executorEnded(): void {
    if (this.#closing) {
      this.#stream.destroy();
      return;
    }
    const running = this.#queue.current("stdout");
    const group = running?.looks ? this.#executor : running?.pid;
    if (group !== undefined) this.write(`K KILL -${group}\n`);
    this.#fail(this.#lost("the shell has ended"));
    void this.#leave();
  }

  /**
   * Ends the stream as soon as all has been sent; from this side, if the host does not end it in
   * time.
   */
  async #leave(): Promise<void> {
    this.#stream.stdin.end();
    const timer = setTimeout(() => this.#stream.destroy(), partingMs);
    await this.ended;
    clearTimeout(timer);
  }

  #lost(
    what: string,
    hint = "what was running there has been stopped; deploy again",
  ): ConnectionLost {
    return new ConnectionLost(`${this.description}: ${what}`, { hint });
  }

  #fail(error: ConsfigError): void {
    this.#over ??= error;
    this.#drained();
    this.#queue.fail(error);
  }
}
