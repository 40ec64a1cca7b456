import { defined } from "../../core/index.js";
import { Unprepared } from "../preflight.js";
import { errorLines } from "./error.js";
import { jsonLine, jsonVersion } from "./json.js";
import { paintFor } from "./paint.js";

/** An error, and the host it is about where it is about one. */
export interface Reported {
  readonly error: unknown;
  readonly host?: string;
}

/** A person is told of errors that ended the command, on standard error. */
export async function reportErrors(errors: readonly Reported[], verbosity: number): Promise<void> {
  const paint = await paintFor(process.stderr);
  for (const { error, host } of errors.flatMap(each)) {
    const about = { verbosity, paint, ...defined({ host }) };
    process.stderr.write(`${errorLines(error, about).join("\n")}\n`);
  }
}

/** A program is told of an error that ended the command, on standard output. */
export function reportAsJson(error: unknown): void {
  for (const one of each({ error })) {
    process.stdout.write(jsonLine({ v: jsonVersion, type: "error", ...one }));
  }
}

function each(reported: Reported): readonly Reported[] {
  return reported.error instanceof Unprepared ? reported.error.obstacles : [reported];
}
