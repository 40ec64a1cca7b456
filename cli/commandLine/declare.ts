import type { Command } from "commander";
import type { z } from "zod";
import { exitCode } from "../exitCode.js";
import { addFlags, optionsIn } from "./flag.js";

/** What a command says of itself. */
interface Declaration<S extends z.ZodObject> {
  /** Its name and its arguments, as commander has them. */
  readonly command: string;
  /** What help says of its arguments, where that is not the same. */
  readonly usage?: string;
  readonly description: string;
  readonly options: S;
}

/** The command is one of the program's from then on; what its work gives is the exit code. */
export function declare<S extends z.ZodObject, A extends readonly unknown[]>(
  { command: line, usage, description, options: schema }: Declaration<S>,
  work: (options: z.output<S>, ...args: A) => Promise<number>,
): (program: Command) => void {
  return (program) => {
    const command = program.command(line).description(description);
    if (usage !== undefined) command.usage(usage);
    addFlags(command, schema);
    command.action(async () => {
      const options = optionsIn(schema, command.opts());
      // As many as the command's line has, and words as it has them.
      const args = command.processedArgs as unknown as A;
      await perform(options, () => work(options, ...args));
    });
  };
}

/** The command is done and its exit code set; an error that ends it is told. */
async function perform(
  { json, verbosity }: { readonly json?: unknown; readonly verbosity?: unknown },
  work: () => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.exitCode = exitCode.usage;
    const { reportAsJson, reportErrors } = await import("../render/report.js");
    // Where --json takes a file it is not about what is printed.
    if (json === true) reportAsJson(error);
    await reportErrors([{ error }], typeof verbosity === "number" ? verbosity : 0);
  }
}
