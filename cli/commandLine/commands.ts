/** The commands, in the order in which help lists them. What they do is loaded when it is asked for. */
import { defined } from "../../core/index.js";
import { declare } from "./declare.js";

/** Each adds itself to the program. */
export const commands = [
  declare(
    {
      command: "deploy [options] [host...]",
      description: "make hosts as the consfig says; all of them when none is named",
      options: ({ z, anew, recorded }) => z.strictObject({ ...anew, ...recorded.deploy.shape }),
    },
    async (options, hosts: string[]) =>
      (await import("../commands/deploy.js")).deploy(hosts, options),
  ),
  declare(
    {
      command: "apply [options] <word...>",
      usage: "[options] HOST... EXPRESSION...",
      description: "apply properties to hosts that are said here and not in the consfig",
      options: ({ z, anew, recorded }) => z.strictObject({ ...anew, ...recorded.apply.shape }),
    },
    async (options, words: string[]) =>
      (await import("../commands/apply.js")).apply(words, options),
  ),
  declare(
    {
      command: "dump [options] <host...>",
      description: "make an executable on hosts: the consfig's code and a Node in one file",
      options: ({ z, anew, recorded }) => z.strictObject({ ...anew, ...recorded.dump.shape }),
    },
    async (options, hosts: string[]) => (await import("../commands/dump.js")).dump(hosts, options),
  ),
  declare(
    {
      command: "hosts [options] [host...]",
      description: "list the hosts of the consfig, with their tags",
      options: ({ z, looking }) => z.strictObject(looking),
    },
    async (options, hosts: string[]) =>
      (await import("../commands/hosts.js")).listHosts(hosts, options),
  ),
  declare(
    {
      command: "show [options] <host...>",
      description: "show the properties and the hostattrs of hosts",
      options: ({ z, looking }) => z.strictObject(looking),
    },
    async (options, hosts: string[]) => (await import("../commands/show.js")).show(hosts, options),
  ),
  declare(
    {
      command: "check [options]",
      description: "check the consfig without contacting any host: types, arguments, requirements",
      options: ({ z, common }) => z.strictObject(common),
    },
    async (options) => (await import("../commands/check.js")).check(options),
  ),
  declare(
    {
      command: "eval [options] [form] [argument...]",
      usage: "[options] FORM [ARGUMENT as JSON]...",
      description: "evaluate a form that the consfig defines, in a process of its own",
      options: ({ z, looking, optional, preset, oneOf, seconds, text, toggle }) =>
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
    },
    async (options, form: string | undefined, args: string[]) => {
      const { evaluate, listForms } = await import("../commands/eval.js");
      return options.list ? listForms(options) : evaluate(form, args, options);
    },
  ),
  declare(
    {
      command: "resume [options] [run]",
      description: "go on with a run that did not come to its end, by default the last one",
      options: ({ z, anew }) => z.strictObject(anew),
    },
    async (options, run?: string) =>
      (await import("../commands/resume.js")).resume(run ?? "last", options),
  ),
  declare(
    {
      command: "runs [options]",
      description: "list the runs of deploy, apply and dump that are still known, the newest first",
      options: ({ z, optional, preset, text, toggle }) =>
        z.strictObject({
          consfig: optional("-c, --consfig <file>", "only those of this consfig", text),
          json: preset(false, "--json", "print lines of JSON for programs", toggle),
        }),
    },
    async (options) => (await import("../commands/runs.js")).runs(options),
  ),
  declare(
    {
      command: "report [options] [run]",
      description: "tell what a run came to, by default the last one, or make a report of it",
      options: ({ z, optional, text }) =>
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
    },
    async ({ consfig, ...files }, run?: string) =>
      (await import("../commands/report.js")).report(run ?? "last", files, defined({ consfig })),
  ),
  declare(
    {
      command: "init [directory]",
      description: "start a consfig in a directory; existing files stay as they are",
      options: ({ z }) => z.strictObject({}),
    },
    async (_options, directory?: string) => (await import("../commands/init.js")).init(directory),
  ),
] as const;
