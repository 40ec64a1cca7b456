import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteStream, StreamEnd } from "../model/index.js";

/** How long what was printed may be on its way after the end has been told. */
const graceMs = 250;

/**
 * How the stream ended, once its readers have heard what was printed before: a transport may tell of the
 * end while the last words, which say why, are still on their way through this process.
 */
export async function endOfStream(stream: ByteStream): Promise<StreamEnd> {
  const end = await stream.ended;
  const late = sleep(graceMs, undefined, { ref: false });
  await Promise.race([Promise.all([heard(stream.stdout), heard(stream.stderr)]), late]);
  return end;
}

function heard(readable: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (readable.readableEnded || readable.destroyed) resolve();
    for (const event of ["end", "close", "error"]) readable.once(event, () => resolve());
  });
}
