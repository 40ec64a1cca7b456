import { randomBytes } from "node:crypto";
import type { ByteStream } from "../byteStream.js";
import { ConnectionLost, type ConsfigError, SessionGarbled } from "../errors.js";
import type { Traffic } from "../events.js";
import type { Prompt } from "../hop.js";
import type { Secret } from "../secret.js";
import { quoteWords, type Words } from "../sh.js";
import { Bulk } from "./bulk.js";
import { type ExecResult, RemoteCommand } from "./command.js";
import { enter } from "./enter.js";
import { asPrintfEscapes, oneLineWord } from "./program.js";
import { type Piece, Scanner } from "./scanner.js";

/** How a session is opened. */
export interface SessionOptions {
  /** The chain of hops in words, for errors. */
  readonly description: string;
  /** What hops may ask on the way in. */
  readonly prompts?: readonly Prompt[];
  readonly signal?: AbortSignal;
  /** How long the way in may take; 60 s by default. */
  readonly readyTimeoutMs?: number;
}

/** How a command is run. */
export interface ExecOptions {
  /** The command changes nothing: it is run in the cheapest way. */
  readonly looks: boolean;
  /** What it reads; nothing by default. */
  readonly stdin?: string | Uint8Array | Secret;
  /** Variables set or, if undefined, unset for this command. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The directory it runs in; the account's home by default. */
  readonly cwd?: string;
  /** It is ended when it has run that long. No limit by default. */
  readonly timeoutMs?: number;
  /** It is ended when this is aborted. */
  readonly signal?: AbortSignal;
  /** How much of stdout and of stderr is kept: half from the beginning, half from the end. 2 MiB. */
  readonly maxOutputBytes?: number;
  /** Told of everything the command prints, as it comes. A promise holds up what comes next. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Buffer) => void | Promise<void>;
}

/** Bytes of lines that may wait in the pipe between dispatcher and executor, which holds 64 KiB. */
const maxInFlight = 48 * 1024;
/** Longest stdin that travels in a line. Longer ones are stored on the host first. */
const longestInline = 16 * 1024;

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
 * waiting for each other, and then their answers travel together.
 */
export class ShellSession {
  readonly description: string;
  /** Settles when the session is over; never rejects. */
  readonly ended: Promise<ConsfigError | undefined>;
  readonly #stream: ByteStream;
  readonly #bulk: Bulk;
  readonly #waiting: RemoteCommand[] = [];
  /** Sent and not answered, oldest first. */
  readonly #sent: RemoteCommand[] = [];
  #inFlight = 0;
  #count = 0;
  #executor = 0;
  #over: ConsfigError | undefined;
  #closing = false;
  #statistics = { commands: 0, roundTrips: 1, bytesSent: 0, bytesReceived: 0 };

  constructor(stream: ByteStream, out: Scanner, err: Scanner, description: string) {
    this.#stream = stream;
    this.description = description;
    this.#bulk = new Bulk((line, bytes) => this.write(line, bytes));
    const read = (name: "stdout" | "stderr", scanner: Scanner) => {
      const readable = stream[name];
      readable.on("error", () => {}); // told by `ended`
      readable.on("data", (bytes: Buffer) => {
        this.#statistics.bytesReceived += bytes.length;
        if (this.#executor !== 0) this.#guard(() => this.#take(name, scanner.feed(bytes)));
      });
    };
    read("stdout", out);
    read("stderr", err);
    this.ended = stream.ended.then((end) => {
      const lost = new ConnectionLost(`the connection ended: ${description}`, {
        hint: "what was running there has been stopped",
      });
      this.#fail(end.error ?? lost);
      return this.#closing ? undefined : this.#over;
    });
  }

  /** What the session has cost so far. */
  get statistics(): Traffic {
    return { ...this.#statistics };
  }

  /** The executor is there, as this process. */
  begin(executor: number): void {
    this.#executor = executor;
    this.write(`X ${executor}\n`);
  }

  /**
   * How the command ended, and what it printed. A non-zero exit code is no error here.
   *
   * @throws CommandTimedOut, Cancelled when it has been stopped; ConnectionLost, SessionGarbled,
   * FileFailed when its directory or the place for its stdin is missing.
   */
  async exec(words: Words, options: ExecOptions): Promise<ExecResult> {
    return this.execText(quoteWords(words), options);
  }

  /** Like exec, for shell text. */
  async execText(text: string, options: ExecOptions): Promise<ExecResult> {
    const stdin = bytesOf(options.stdin);
    const spool = stdin && stdin.length > longestInline ? await this.#bulk.spool(stdin) : undefined;
    const command = new RemoteCommand(++this.#count, text, options, (signal) =>
      this.#stop(command, signal),
    );
    command.line = this.#lines(command, stdin, spool, options);
    this.#waiting.push(command);
    if (this.#over) command.fail(this.#over);
    else this.#flush();
    return command.result;
  }

  /** The bytes are in a new file of that name, readable by nobody else. @throws FileFailed */
  async store(path: string, bytes: Uint8Array): Promise<void> {
    await this.#bulk.store(path, bytes);
  }

  /** The session is over, and everything that it started. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stream.stdin.end();
    const timer = setTimeout(() => this.#stream.destroy(), 3000);
    await this.ended;
    clearTimeout(timer);
  }

  /** Sends a line, and bytes after it. */
  write(line: string, bytes?: Uint8Array): void {
    if (this.#over) return;
    this.#statistics.bytesSent += Buffer.byteLength(line) + (bytes?.length ?? 0);
    this.#stream.stdin.write(line);
    if (bytes) this.#stream.stdin.write(bytes);
  }

  #lines(
    command: RemoteCommand,
    stdin: Uint8Array | undefined,
    spool: string | undefined,
    options: ExecOptions,
  ): string {
    const surroundings = [
      ...Object.entries(options.env ?? {}).map(([name, value]) =>
        value === undefined ? `unset -v ${name}` : `export ${name}=${quoteWords([value])}`,
      ),
      ...(options.cwd === undefined ? [] : [`cd -- ${quoteWords([options.cwd])} || no`]),
      ...(spool === undefined
        ? []
        : [`exec <${quoteWords([spool])}`, `rm -f -- ${quoteWords([spool])}`]),
    ].join("; ");
    const prepare = surroundings === "" ? "" : `V ${oneLineWord(surroundings)}\n`;
    const input = stdin && spool === undefined ? `I ${asPrintfEscapes(stdin)}\n` : "";
    const letter = options.looks ? "Q" : "R";
    return `${prepare}${input}${letter} ${command.number} ${oneLineWord(command.text)}\n`;
  }

  /** Sends as many of the waiting commands as the pipe on the host surely takes. */
  #flush(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const length = Buffer.byteLength(next.line);
      if (this.#sent.length > 0 && this.#inFlight + length > maxInFlight) return;
      this.#waiting.shift();
      if (next.isSettled) continue;
      if (this.#sent.length === 0) this.#statistics.roundTrips++;
      this.#statistics.commands++;
      this.#inFlight += length;
      this.#sent.push(next);
      this.write(next.line);
    }
  }

  #take(name: "stdout" | "stderr", pieces: Iterable<Piece>): void {
    for (const piece of pieces) {
      const command = this.#sent.find((one) => !one.hasEnded(name));
      if (piece.type === "data") {
        const held = command?.print(name, piece.data);
        if (held) this.#hold(name, held);
      } else if (piece.letter === "B" && name === "stdout") {
        this.#bulk.stored(piece.fields);
      } else if (command) {
        command.mark(name, piece.letter, piece.fields);
        this.#retire();
      } else {
        throw new SessionGarbled(`an answer to nothing: ${piece.letter}`);
      }
    }
  }

  /** Reads no more of the stream until what was printed has been dealt with. */
  #hold(name: "stdout" | "stderr", until: Promise<void>): void {
    this.#stream[name].pause();
    void until.catch(() => {}).then(() => this.#stream[name].resume());
  }

  #retire(): void {
    while (this.#sent[0]?.hasEnded("stdout") && this.#sent[0].hasEnded("stderr")) {
      const done = this.#sent.shift() as RemoteCommand;
      this.#inFlight -= Buffer.byteLength(done.line);
      void this.#stopRest(done).then(() => done.settle());
    }
    this.#flush();
  }

  /** Stops the command if it is running: with all that it started, if it is one that changes. */
  #stop(command: RemoteCommand, signal: "TERM" | "KILL"): void {
    if (!this.#sent.includes(command)) {
      if (signal === "TERM") command.settle();
      return;
    }
    // A command that looks is in the executor's own process group, which lives through a TERM.
    const group = command.looks ? this.#executor : command.pid;
    if (group !== undefined) this.write(`K ${signal} -${group}\n`);
  }

  /** A command that was stopped has ended, but what it started may still be ignoring SIGTERM. */
  async #stopRest({ isBeingStopped, looks, pid }: RemoteCommand): Promise<void> {
    if (!isBeingStopped || looks || pid === undefined) return;
    const wait = `n=0; while kill -0 -- -${pid} && [ $n -lt 20 ]; do n=$((n + 1)); sleep 0.1; done`;
    const text = `{ ${wait}; kill -s KILL -- -${pid}; } 2>/dev/null`;
    // If the session ends meanwhile, the host does the same by itself.
    await this.execText(text, { looks: true }).catch(() => {});
  }

  /** Bytes that are not of the protocol end the session. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SessionGarbled)) throw error;
      this.#fail(new SessionGarbled(`${this.description}: ${error.message}`, error.facts));
      this.#stream.destroy();
    }
  }

  #fail(error: ConsfigError): void {
    this.#over ??= error;
    this.#bulk.fail(error);
    for (const command of [...this.#sent.splice(0), ...this.#waiting.splice(0)]) {
      command.fail(error);
    }
  }
}

function bytesOf(stdin: ExecOptions["stdin"]): Uint8Array | undefined {
  if (stdin === undefined || stdin instanceof Uint8Array) return stdin;
  return Buffer.from(typeof stdin === "string" ? stdin : stdin.reveal(), "utf8");
}
