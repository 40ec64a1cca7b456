import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Form, FormOutcome, StreamedEvaluation } from "../../zygote/client.js";
import { jsonLine, jsonLines, jsonVersion } from "../render/json.js";

/** How an evaluation and its outcome are shown. */
export interface Display {
  /** What the process prints, as it comes. */
  show(stream: "stdout" | "stderr", bytes: Buffer): void;
  /** How it ended, with the value if there is one. */
  end(asked: Form, outcome: FormOutcome<unknown>, facts: { readonly error?: unknown }): void;
}

/** How long output is awaited once the process has ended: what it started may hold it open. */
const graceMs = 250;

/** What the process printed is what this one prints; the value follows on standard output. */
export function plainDisplay(): Display {
  let isLineOpen = false;
  return {
    show(stream, bytes) {
      write(stream, bytes);
      if (stream === "stdout") isLineOpen = bytes.at(-1) !== 10;
    },
    end(_asked, { value }) {
      if (value === undefined) return;
      write("stdout", `${isLineOpen ? "\n" : ""}${jsonLines(value)}`);
    },
  };
}

/** All of it as lines of JSON on standard output, for programs. */
export function jsonDisplay(): Display {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const tell = (event: object) => write("stdout", jsonLine({ v: jsonVersion, ...event }));
  return {
    show(stream, bytes) {
      const text = decoders[stream].decode(bytes, { stream: true });
      if (text !== "") tell({ type: "output", stream, text });
    },
    end({ form }, { ended, exitCode, signal, value }, { error }) {
      tell({ type: "evaluated", form, ended, exitCode, signal, value, error });
    },
  };
}

/** Shows what comes out of both streams; settles when all of it has come. */
export async function follow(
  display: Display,
  { stdout, stderr, outcome }: StreamedEvaluation<unknown>,
): Promise<void> {
  stdout.on("data", (bytes: Buffer) => display.show("stdout", bytes));
  stderr.on("data", (bytes: Buffer) => display.show("stderr", bytes));
  const closed = [stdout, stderr].map((stream) => once(stream, "close"));
  await outcome.catch(() => {}); // told to who waits for it
  const late = new AbortController();
  const grace = sleep(graceMs, undefined, { signal: late.signal }).catch(() => {});
  await Promise.race([Promise.all(closed), grace]);
  late.abort();
  for (const stream of [stdout, stderr]) stream.destroy();
}

/** Whoever read what we print may be gone; the evaluation goes on. */
function write(name: "stdout" | "stderr", what: string | Buffer): void {
  if (process[name].writable) process[name].write(what);
}
