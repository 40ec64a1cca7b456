import { Command } from "commander";
import { packageVersion } from "../package.js";
import { commands } from "./commands.js";
import { examples } from "./examples.js";

/** The command line: what can be asked for, and what is then done. */
export function commandLine(): Command {
  const program = new Command("consfig")
    .description("Makes hosts have the properties that a consfig says they have.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("(consfig --help tells more)")
    .addHelpText("after", examples);
  for (const addTo of commands) addTo(program);
  return program;
}
