import { onAbort, withResolvers } from "../../core/index.js";
import {
  AuthenticationFailed,
  Cancelled,
  HopFailed,
  lastLines,
  SessionGarbled,
} from "../base/index.js";
import type { ByteStream, StreamEnd } from "../model/index.js";
import type { StreamName } from "./command.js";
import { endOfStream } from "./endOfStream.js";
import { Noise } from "./noise.js";
import type { SessionOptions } from "./options.js";
import { greeting, sessionLines } from "./program.js";
import type { Scanner } from "./scanner.js";

const defaultTimeoutMs = 60_000;
/** How much may be printed on the way in, by banners and login scripts. */
const mostNoise = 1024 * 1024;

/** The session that is to begin at the end of the hops. */
interface Beginner {
  /** A word that the session's commands have in their environment. */
  readonly marker: string;
  write(line: string): void;
  /** The executor runs, and is the process of that number. */
  begin(executor: number): void;
}

/**
 * All hops have been passed and the session has begun.
 *
 * Without prompts everything is sent at once, so that the way in costs one round trip. With prompts
 * the answer to one is sent when exactly that prompt has been printed, and all else only when the
 * greeting shows that nobody is asking: what is typed ahead could be read by the wrong program.
 *
 * @throws HopFailed, AuthenticationFailed, SessionGarbled, Cancelled, or why the stream ended.
 */
export async function enter(
  stream: ByteStream,
  scanner: Scanner,
  nonce: string,
  options: SessionOptions,
  session: Beginner,
): Promise<void> {
  const { description, signal, readyTimeoutMs = defaultTimeoutMs } = options;
  const way = new WayIn(nonce, options, session);
  const { promise, resolve, reject } = withResolvers<void>();
  promise.catch(() => {}); // a second failure has nobody waiting for it
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      reject(error);
    }
  };
  const onStdout = (bytes: Buffer) =>
    attempt(() => {
      if (way.take(scanner, bytes)) resolve();
    });
  const onStderr = (bytes: Buffer) => attempt(() => way.hear("stderr", bytes));
  const onTimeout = () => reject(way.failed(`no shell after ${readyTimeoutMs} ms`));
  const timer = setTimeout(onTimeout, readyTimeoutMs);
  stream.stdout.on("data", onStdout);
  stream.stderr.on("data", onStderr);
  const stop = onAbort(signal, () => reject(new Cancelled(`cancelled: ${description}`)));
  void endOfStream(stream).then((end) => reject(end.error ?? way.ended(end)));
  if (!signal?.aborted) way.start();
  try {
    await promise;
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    stop();
    stream.stdout.off("data", onStdout);
    stream.stderr.off("data", onStderr);
  }
}

/** What is heard on the way in, and what is answered. */
class WayIn {
  readonly #nonce: string;
  readonly #options: SessionOptions;
  readonly #session: Beginner;
  readonly #noise = { stdout: new Noise(), stderr: new Noise() };
  readonly #answered = new Set<string>();
  #length = 0;
  #begun = false;

  constructor(nonce: string, options: SessionOptions, session: Beginner) {
    this.#nonce = nonce;
    this.#options = options;
    this.#session = session;
  }

  start(): void {
    if ((this.#options.prompts ?? []).length === 0) this.#begin();
  }

  /** Takes bytes of stdout. Whether the session has begun with them. @throws ConnectionFailed */
  take(scanner: Scanner, bytes: Buffer): boolean {
    let begins = false;
    for (const piece of scanner.feed(bytes)) {
      if (piece.type === "data") {
        this.hear("stdout", piece.data);
      } else if (piece.letter === "H" && /^[1-9]\d{0,9}$/.test(piece.fields[0] ?? "") && !begins) {
        this.#session.begin(Number(piece.fields[0]));
        begins = true;
      } else if (piece.letter === "Z") {
        const hint = "programs that every system has are missing there: see the output";
        throw this.failed("the shell has ended at once", hint);
      } else {
        throw new SessionGarbled(`${this.#options.description}: an answer before the session`);
      }
    }
    return begins;
  }

  /**
   * Takes bytes that are no mark, and answers prompts in them.
   *
   * @throws AuthenticationFailed, SessionGarbled
   */
  hear(name: StreamName, bytes: Buffer): void {
    const { description, prompts = [] } = this.#options;
    const noise = this.#noise[name];
    this.#length += bytes.length;
    noise.push(bytes);
    if (this.#length > mostNoise) {
      const output = this.#printed();
      throw new SessionGarbled(`${description}: too much is printed on the way in`, { output });
    }
    for (const { text, answer } of prompts) {
      for (let times = noise.completes(text); times > 0; times--) {
        if (this.#answered.has(text)) {
          const hint = "the password is not the right one";
          const facts = { hint, output: this.#printed() };
          throw new AuthenticationFailed(`${description}: asked twice`, facts);
        }
        this.#answered.add(text);
        this.#session.write(`${answer.reveal()}\n`);
      }
    }
    if (name === "stdout" && noise.completes(`${greeting}\n`) > 0) this.#begin();
  }

  /** The error for a way in that has ended before there was a shell. */
  ended({ exitCode, signal }: StreamEnd): HopFailed {
    const how = signal ? `ended by ${signal}` : `exit code ${exitCode ?? "unknown"}`;
    const output = this.#printed();
    if (/password is required|terminal is required/i.test(output)) {
      const hint = "sudo wants a password: use sudo({ passwordOf: … })";
      return this.failed(`the way in ended (${how})`, hint);
    }
    const isMissing = exitCode === 127 || /not found/i.test(output);
    const hint = isMissing ? "a program of the chain is not installed there" : undefined;
    return this.failed(`the way in ended (${how})`, hint);
  }

  failed(what: string, hint?: string): HopFailed {
    const message = `${this.#options.description}: ${what}`;
    return new HopFailed(message, { output: this.#printed(), ...(hint ? { hint } : {}) });
  }

  #begin(): void {
    if (!this.#begun) this.#session.write(sessionLines(this.#nonce, this.#session.marker));
    this.#begun = true;
  }

  /** What was printed last: why something failed is on stderr, as a rule. */
  #printed(): string {
    const asked = (this.#options.prompts ?? []).map(({ text }) => text);
    const stderr = this.#noise.stderr.without(asked);
    return lastLines(stderr.trim() === "" ? this.#noise.stdout.without(asked) : stderr);
  }
}
