import { Unprepared } from "../preparation.js";
import { errorLines } from "./error.js";
import { paintFor } from "./paint.js";

/** A person is told of an error that ended the command, on standard error. */
export async function reportError(error: unknown, verbosity: number, host?: string): Promise<void> {
  if (error instanceof Unprepared) {
    for (const one of error.obstacles) await reportError(one.error, verbosity, one.host);
    return;
  }
  const paint = await paintFor(process.stderr);
  const about = { verbosity, paint, ...(host === undefined ? {} : { host }) };
  process.stderr.write(`${errorLines(error, about).join("\n")}\n`);
}
