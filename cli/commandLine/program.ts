import { Command } from "commander";
import { packageVersion } from "../package.js";
import { commands } from "./commands.js";
import { examples } from "./examples.js";

/** What can be asked for, as far as these words of the command line need it, and what is then done. */
export async function commandLine(words: readonly string[]): Promise<Command> {
  const program = new Command("consfig")
    .description("Makes hosts have the properties that a consfig says they have.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("(consfig --help tells more)")
    .addHelpText("after", examples);
  for (const addTo of commands) await addTo(program, words);
  return program;
}
