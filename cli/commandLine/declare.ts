import { type Command, Option } from "commander";
import { exitCode } from "../exitCode.js";
import type { CommandName, OptionsOf } from "./optionsOf.js";

/** What a command says of itself. */
interface Declaration {
  /** What follows its name: its arguments, as commander has them, and before them whether there are options. */
  readonly line: string;
  /** What help says instead, where that is not the same. */
  readonly usage?: string;
  readonly description: string;
}

const anyOptions = "[options]";

/**
 * The command is one of the program's from then on, as far as the words of the command line need it; what
 * its work gives is the exit code.
 */
export function declare<N extends CommandName, A extends readonly unknown[]>(
  name: N,
  { line, usage, description }: Declaration,
  work: (options: OptionsOf<N>, ...args: A) => Promise<number>,
): (program: Command, words: readonly string[]) => Promise<void> {
  return async (program, words) => {
    const args = line.replace(anyOptions, "");
    const command = program.command(`${name} ${args}`).description(description);
    if (usage !== undefined) command.usage(usage);
    // To make schemas takes long, and a command that is not among the words is not called.
    if (!words.includes(name)) {
      // Help lists it as a command with options.
      if (args !== line) command.addOption(new Option("--any").hideHelp());
      return;
    }
    const { optionsOf } = await import("./optionsOf.js");
    const { addFlags, optionsIn } = await import("./flag.js");
    const schema = optionsOf[name]();
    addFlags(command, schema);
    command.action(async () => {
      // By that name there is the schema of these options.
      const options = optionsIn(schema, command.opts()) as OptionsOf<N>;
      // As many as the command's line has, and words as it has them.
      const given = command.processedArgs as unknown as A;
      await perform(options, () => work(options, ...given));
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
