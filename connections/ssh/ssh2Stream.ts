import { type Duplex, type Readable, Writable } from "node:stream";
import type { ClientChannel } from "ssh2";
import { withResolvers } from "../../core/index.js";
import {
  type ByteStream,
  type ConnectionFailed,
  printable,
  type StreamEnd,
} from "../../engine/index.js";
import { Pump } from "./pump.js";

/** ssh2's own window: the most that a well-behaved host sends before we have read. */
const window = 2 * 1024 * 1024;
/** Far beyond what flow control allows: the host does not heed it. */
const flood = 4 * window;

/** A program at the end of an ssh2 channel, and the way to tell it that contact is lost. */
export interface Ssh2Stream extends ByteStream {
  /** Ends the streams and settles `ended` with the error. */
  lose(error: ConnectionFailed): void;
}

/**
 * The byte stream of an exec channel.
 *
 * `socket` carries the channel's connection: writing waits while it is full. `onFlood` is called
 * when the host sends without heeding flow control.
 */
export function ssh2Stream(
  channel: ClientChannel,
  socket: Duplex,
  onFlood: () => void,
): Ssh2Stream {
  let exit: StreamEnd = {};
  let over = false;
  const ended = withResolvers<StreamEnd>();
  const credit = boundBuffering(channel, () => over, onFlood);
  const stdout = new Pump(channel, credit);
  const stderr = new Pump(channel.stderr, credit);
  const send = (bytes: Buffer, done: (error?: Error | null) => void) => {
    channel.write(bytes, (error) => {
      // ssh2 writes to the socket without asking whether it is full.
      if (!error && socket.writableNeedDrain) socket.once("drain", () => done());
      else done(error);
    });
  };
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => send(chunk, done),
    // All chunks go together, in as few packets as can be.
    writev: (chunks, done) => send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    final(done) {
      channel.end();
      done();
    },
  });
  stdin.on("error", () => {});

  const finish = (end: StreamEnd) => {
    if (over) return;
    over = true;
    stdin.destroy();
    ended.resolve(end);
  };
  channel.on("error", () => {});
  channel.on("exit", (code: number | null, signal?: string) => {
    exit = code === null ? { signal: signalName(signal) } : { exitCode: code };
  });
  channel.on("close", () => finish(exit));

  return {
    stdin,
    stdout,
    stderr,
    ended: ended.promise,
    lose(error) {
      finish({ ...exit, error });
      // Bytes that have arrived are still delivered; the end comes after them.
      for (const side of [channel, channel.stderr]) if (!side.readableEnded) side.push(null);
    },
    destroy() {
      if (over) return;
      finish({});
      stdout.cut();
      stderr.cut();
      try {
        channel.close();
      } catch {
        // The connection is gone, and the channel with it.
      }
    },
  };
}

/**
 * Keeps ssh2 from buffering without bound. A channel has one window for both of its outputs, and
 * ssh2 opens it again when either has room: while one is not read, the other would let in any
 * amount of the first. Here the window opens only when both together hold less than a window's
 * worth. Returns what is to be called when something has been taken out.
 */
function boundBuffering(channel: ClientChannel, isOver: () => boolean, onFlood: () => void) {
  const sides: readonly Readable[] = [channel, channel.stderr];
  const held = () => channel.readableLength + channel.stderr.readableLength;
  const openWindow = channel._read.bind(channel);
  for (const side of sides) {
    const push = side.push.bind(side);
    side.push = (chunk: Buffer | null) => {
      if (chunk !== null && held() > flood) {
        onFlood();
        return false;
      }
      // `false` keeps ssh2 from opening the window.
      return push(chunk) && held() < window;
    };
    side._read = () => {};
  }
  return () => {
    // After the end ssh2 cannot send any more, and says so by throwing.
    if (!isOver() && held() < window) openWindow(0);
  };
}

/** The name is the host's word: it must look like a signal's. */
function signalName(signal: string | undefined): string {
  return /^SIG[A-Z0-9+-]{1,16}$/.test(signal ?? "")
    ? (signal ?? "")
    : printable(`SIG? ${signal ?? ""}`).slice(0, 40);
}
