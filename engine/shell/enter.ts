import type { ByteStream } from "../byteStream.js";
import {
  AuthenticationFailed,
  Cancelled,
  type ConsfigError,
  HopFailed,
  lastLines,
  SessionGarbled,
} from "../errors.js";
import type { SessionOptions } from "./options.js";
import { greeting, sessionLines } from "./program.js";
import type { Scanner } from "./scanner.js";
import type { ShellSession } from "./session.js";

const defaultTimeoutMs = 60_000;
/** How much may be printed on the way in, by banners and login scripts. */
const mostNoise = 1024 * 1024;
const keptNoise = 64 * 1024;

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
  session: ShellSession,
): Promise<void> {
  const { description, signal, prompts = [], readyTimeoutMs = defaultTimeoutMs } = options;
  const noise = { stdout: "", stderr: "" };
  const answered = new Set<string>();
  let total = 0;
  let sent = false;
  const begin = () => {
    if (!sent) session.write(sessionLines(nonce));
    sent = true;
  };
  const { promise, resolve, reject } = withResolvers();
  const failed = (error: ConsfigError) => reject(error);
  const printed = () => lastLines(noise.stderr.trim() === "" ? noise.stdout : noise.stderr);

  const hear = (name: "stdout" | "stderr", bytes: Buffer) => {
    total += bytes.length;
    noise[name] = (noise[name] + bytes.toString("utf8")).slice(-keptNoise);
    if (total > mostNoise) {
      return failed(
        new SessionGarbled(`${description}: too much is printed on the way in`, {
          output: printed(),
        }),
      );
    }
    for (const { text, answer } of prompts) {
      if (!noise[name].includes(text)) continue;
      noise[name] = noise[name].replaceAll(text, "");
      if (answered.has(text)) {
        const hint = "the password is not the right one";
        return failed(
          new AuthenticationFailed(`${description}: asked twice`, { hint, output: printed() }),
        );
      }
      answered.add(text);
      session.write(`${answer.reveal()}\n`);
    }
    if (noise.stdout.includes(`${greeting}\n`)) begin();
  };
  const onStdout = (bytes: Buffer) => {
    try {
      for (const piece of scanner.feed(bytes)) {
        if (piece.type === "data") hear("stdout", piece.data);
        else if (piece.letter === "H" && /^[1-9]\d{0,9}$/.test(piece.fields[0] ?? "")) {
          session.begin(Number(piece.fields[0]));
          resolve();
        } else throw new SessionGarbled(`${description}: an answer before the session`);
      }
    } catch (error) {
      reject(error);
    }
  };
  const onStderr = (bytes: Buffer) => hear("stderr", bytes);
  const onAbort = () => failed(new Cancelled(`cancelled: ${description}`));
  const timer = setTimeout(
    () =>
      failed(
        new HopFailed(`${description}: no shell after ${readyTimeoutMs} ms`, { output: printed() }),
      ),
    readyTimeoutMs,
  );
  stream.stdout.on("data", onStdout);
  stream.stderr.on("data", onStderr);
  signal?.addEventListener("abort", onAbort);
  void stream.ended.then((end) => failed(end.error ?? ended(description, end, printed())));
  if (signal?.aborted) onAbort();
  else if (prompts.length === 0) begin();
  try {
    await promise;
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    stream.stdout.off("data", onStdout);
    stream.stderr.off("data", onStderr);
  }
}

function ended(
  description: string,
  { exitCode, signal }: { exitCode?: number; signal?: string },
  output: string,
): HopFailed {
  const how = signal ? `ended by ${signal}` : `exit code ${exitCode ?? "unknown"}`;
  const askedFor = /password is required|terminal is required/i.test(output);
  const missing = exitCode === 127 || /not found/i.test(output);
  const hint = askedFor
    ? "sudo wants a password: use sudo({ passwordOf: … })"
    : missing
      ? "a program of the chain is not installed there"
      : undefined;
  return new HopFailed(`${description}: the way in ended (${how})`, {
    output,
    ...(hint ? { hint } : {}),
  });
}

function withResolvers() {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  promise.catch(() => {}); // a second failure has nobody waiting for it
  return { promise, resolve, reject };
}
