import { type Command, Option } from "commander";
import type { z } from "zod";
import { exitCode } from "../exitCode.js";
import type * as Parts from "./parts.js";

/** What a command says of itself. */
interface Declaration<S extends z.ZodObject> {
  /** Its name and its arguments, as commander has them, and between them whether there are options. */
  readonly command: string;
  /** What help says of its arguments, where that is not the same. */
  readonly usage?: string;
  readonly description: string;
  /** They are made when the command is called. */
  readonly options: (parts: typeof Parts) => S;
}

/**
 * The command is one of the program's from then on, as far as the words of the command line need it; what
 * its work gives is the exit code.
 */
export function declare<S extends z.ZodObject, A extends readonly unknown[]>(
  { command: line, usage, description, options: schemaOf }: Declaration<S>,
  work: (options: z.output<S>, ...args: A) => Promise<number>,
): (program: Command, words: readonly string[]) => Promise<void> {
  return async (program, words) => {
    const withoutOptions = line.replace(" [options]", "");
    const command = program.command(withoutOptions).description(description);
    if (usage !== undefined) command.usage(usage);
    // A command that is not among the words is not called.
    if (!words.includes(command.name())) {
      // Help lists it as a command with options.
      if (line !== withoutOptions) command.addOption(new Option("--any").hideHelp());
      return;
    }
    const parts = await import("./parts.js");
    const schema = schemaOf(parts);
    parts.addFlags(command, schema);
    command.action(async () => {
      const options = parts.optionsIn(schema, command.opts());
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
