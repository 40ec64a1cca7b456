/** The options of each command, as one schema, which is made when it is asked for. */
import { z } from "zod";
import { optional, preset } from "./flag.js";
import { anew, common, looking, recorded } from "./options.js";
import { oneOf, seconds, text, toggle } from "./sorts.js";

/** By the command's name. */
export const optionsOf = {
  deploy: () => z.strictObject({ ...anew, ...recorded.deploy.shape }),
  apply: () => z.strictObject({ ...anew, ...recorded.apply.shape }),
  dump: () => z.strictObject({ ...anew, ...recorded.dump.shape }),
  hosts: () => z.strictObject(looking),
  show: () => z.strictObject(looking),
  check: () => z.strictObject(common),
  eval: () =>
    z.strictObject({
      ...looking,
      list: preset(false, "--list", "list the forms instead (default: false)", toggle),
      timeoutMs: optional("--timeout <seconds>", "end it when it takes longer", seconds),
      prerequest: optional(
        "--prerequest <form>",
        "evaluate this before, in the same process: its id, then its arguments with commas between",
        text,
      ),
      engine: optional(
        "--engine <engine>",
        "fork this process, or a separate one; or exec: start each anew (default: what can be forked)",
        oneOf(["fork", "separate", "exec"]),
      ),
    }),
  resume: () => z.strictObject(anew),
  runs: () =>
    z.strictObject({
      consfig: optional("-c, --consfig <file>", "only those of this consfig", text),
      json: preset(false, "--json", "print lines of JSON for programs", toggle),
    }),
  report: () =>
    z.strictObject({
      consfig: optional("-c, --consfig <file>", "the last one of this consfig", text),
      html: optional(
        "--html <file>",
        "as a page for a browser; - is standard output, here and below",
        text,
      ),
      junit: optional("--junit <file>", "as test results, for CI systems", text),
      json: optional("--json <file>", "all that is known, as JSON", text),
    }),
  init: () => z.strictObject({}),
};

/** A command of the program. */
export type CommandName = keyof typeof optionsOf;

/** What is said on the command's line. */
export type OptionsOf<N extends CommandName> = z.output<ReturnType<(typeof optionsOf)[N]>>;
