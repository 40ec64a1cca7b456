/** The commands, in the order in which help lists them. What they do is loaded when it is asked for. */
import { defined } from "../../core/index.js";
import { declare } from "./declare.js";

/** Each adds itself to the program. */
export const commands = [
  declare(
    "deploy",
    {
      line: "[options] [host...]",
      description: "make hosts as the consfig says; all of them when none is named",
    },
    async (options, hosts: string[]) =>
      (await import("../commands/deploy.js")).deploy(hosts, options),
  ),
  declare(
    "apply",
    {
      line: "[options] <word...>",
      usage: "[options] HOST... EXPRESSION...",
      description: "apply properties to hosts that are said here and not in the consfig",
    },
    async (options, words: string[]) =>
      (await import("../commands/apply.js")).apply(words, options),
  ),
  declare(
    "dump",
    {
      line: "[options] <host...>",
      description: "make an executable on hosts: the consfig's code and a Node in one file",
    },
    async (options, hosts: string[]) => (await import("../commands/dump.js")).dump(hosts, options),
  ),
  declare(
    "hosts",
    {
      line: "[options] [host...]",
      description: "list the hosts of the consfig, with their tags",
    },
    async (options, hosts: string[]) =>
      (await import("../commands/hosts.js")).listHosts(hosts, options),
  ),
  declare(
    "show",
    {
      line: "[options] <host...>",
      description: "show the properties and the hostattrs of hosts",
    },
    async (options, hosts: string[]) => (await import("../commands/show.js")).show(hosts, options),
  ),
  declare(
    "check",
    {
      line: "[options]",
      description: "check the consfig without contacting any host: types, arguments, requirements",
    },
    async (options) => (await import("../commands/check.js")).check(options),
  ),
  declare(
    "eval",
    {
      line: "[options] [form] [argument...]",
      usage: "[options] FORM [ARGUMENT as JSON]...",
      description: "evaluate a form that the consfig defines, in a process of its own",
    },
    async (options, form: string | undefined, args: string[]) => {
      const { evaluate, listForms } = await import("../commands/eval.js");
      return options.list ? listForms(options) : evaluate(form, args, options);
    },
  ),
  declare(
    "resume",
    {
      line: "[options] [run]",
      description: "go on with a run that did not come to its end, by default the last one",
    },
    async (options, run?: string) =>
      (await import("../commands/resume.js")).resume(run ?? "last", options),
  ),
  declare(
    "runs",
    {
      line: "[options]",
      description: "list the runs of deploy, apply and dump that are still known, the newest first",
    },
    async (options) => (await import("../commands/runs.js")).runs(options),
  ),
  declare(
    "report",
    {
      line: "[options] [run]",
      description: "tell what a run came to, by default the last one, or make a report of it",
    },
    async ({ consfig, ...files }, run?: string) =>
      (await import("../commands/report.js")).report(run ?? "last", files, defined({ consfig })),
  ),
  declare(
    "init",
    {
      line: "[directory]",
      description: "start a consfig in a directory; existing files stay as they are",
    },
    async (_options, directory?: string) => (await import("../commands/init.js")).init(directory),
  ),
] as const;
