import { Command, InvalidArgumentError, Option } from "commander";
import type { ReportFiles } from "./commands/report.js";
import type { Engine } from "./evaluation/engine.js";
import { exitCode } from "./exitCode.js";
import { packageVersion } from "./package.js";
import { readShare, type Share } from "./share.js";

/** The options that all commands have. */
interface CommonOptions {
  readonly consfig?: string;
  readonly verbose: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

interface EvaluatingOptions extends CommonOptions {
  readonly engine?: Engine;
  readonly timeout?: number;
  readonly prerequest?: string;
  readonly list: boolean;
}

interface ReportOptions extends ReportFiles {
  readonly consfig?: string;
}

interface RunningOptions extends CommonOptions {
  readonly acceptNewHostKey?: boolean;
  readonly askSudo?: boolean;
  readonly parallel: number | "auto";
  readonly threads?: number;
  readonly rolling?: Share;
  readonly maxFailures?: Share;
  readonly canary?: string;
  readonly retry: number;
  readonly timeout?: number;
  readonly silence?: number;
  readonly lockWait: number;
}

/** The command line: what can be asked for, and what is then done. Commands are loaded when needed. */
export function commandLine(): Command {
  const program = new Command("consfig")
    .description("Makes hosts have the properties that a consfig says they have.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("(consfig --help tells more)")
    .addHelpText("after", examples);
  deploying(program.command("deploy [host...]"))
    .description("make hosts as the consfig says; all of them when none is named")
    .option(
      "--only <property>",
      "only these properties: an id, its first part, or words of the description; or those hosts\nthat an earlier run left failed@last, unreachable@RUN, notBegun@…, changed@…; may be repeated",
      gathered,
      [],
    )
    .action((hosts: string[], options: RunningOptions & { only: string[] }) =>
      perform(options, async () => {
        const { deploy } = await import("./commands/deploy.js");
        return deploy(hosts, { ...running(options), only: options.only });
      }),
    );
  deploying(program.command("apply <word...>"))
    .usage("[options] HOST... EXPRESSION...")
    .description("apply properties to hosts that are said here and not in the consfig")
    .option("--all", "on all hosts", false)
    .option("--unapply", "unapply them", false)
    .action((words: string[], options: RunningOptions & { all: boolean; unapply: boolean }) =>
      perform(options, async () => {
        const { apply } = await import("./commands/apply.js");
        const { all, unapply } = options;
        return apply(words, { ...running(options), all, unapply });
      }),
    );
  deploying(program.command("dump <host...>"))
    .description("make an executable on hosts: the consfig's code and a Node in one file")
    .requiredOption("--to <file>", "its path on the host", absolute)
    .option(
      "--form <form>",
      "what it evaluates: a form's id, then its arguments with commas between (default: it makes the host as the consfig says)",
    )
    .action((hosts: string[], options: RunningOptions & { to: string; form?: string }) =>
      perform(options, async () => {
        const { dump } = await import("./commands/dump.js");
        const { to, form } = options;
        return dump(hosts, { ...running(options), to, ...(form === undefined ? {} : { form }) });
      }),
    );
  common(program.command("hosts [host...]"))
    .description("list the hosts of the consfig, with their tags")
    .addOption(jsonOption())
    .action((hosts: string[], options: CommonOptions) =>
      perform(options, async () =>
        (await import("./commands/hosts.js")).listHosts(hosts, looking(options)),
      ),
    );
  common(program.command("show <host...>"))
    .description("show the properties and the hostattrs of hosts")
    .addOption(jsonOption())
    .action((hosts: string[], options: CommonOptions) =>
      perform(options, async () =>
        (await import("./commands/show.js")).show(hosts, looking(options)),
      ),
    );
  common(program.command("check"))
    .description("check the consfig without contacting any host: types, arguments, requirements")
    .action((options: CommonOptions) =>
      perform(options, async () =>
        (await import("./commands/check.js")).check({
          ...looking(options),
          verbosity: options.verbose,
        }),
      ),
    );
  evaluating(program.command("eval [form] [argument...]"))
    .description("evaluate a form that the consfig defines, in a process of its own")
    .action((form: string | undefined, args: string[], options: EvaluatingOptions) =>
      perform(options, async () => {
        const { evaluate, listForms } = await import("./commands/eval.js");
        if (options.list) return listForms(looking(options));
        const { engine, timeout, prerequest } = options;
        return evaluate(form, args, {
          ...looking(options),
          ...verbosityOf(options),
          ...(engine === undefined ? {} : { engine }),
          ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
          ...(prerequest === undefined ? {} : { prerequest }),
        });
      }),
    );
  common(program.command("resume [run]"))
    .description("go on with a run that did not come to its end, by default the last one")
    .addOption(jsonOption())
    .option("-K, --ask-sudo", "ask for the password that sudo will want")
    .action((run: string | undefined, options: CommonOptions & { askSudo?: boolean }) =>
      perform(options, async () => {
        const { askSudo = false } = options;
        const { resume } = await import("./commands/resume.js");
        return resume(run ?? "last", { ...looking(options), ...verbosityOf(options), askSudo });
      }),
    );
  program
    .command("runs")
    .description("list the runs of deploy, apply and dump that are still known, the newest first")
    .option("-c, --consfig <file>", "only those of this consfig")
    .addOption(jsonOption())
    .action((options: { consfig?: string; json?: boolean }) =>
      perform({ verbose: 0, ...options }, async () =>
        (await import("./commands/runs.js")).runs({ json: false, ...options }),
      ),
    );
  program
    .command("report [run]")
    .description("tell what a run came to, by default the last one, or make a report of it")
    .option("-c, --consfig <file>", "the last one of this consfig")
    .option("--html <file>", "as a page for a browser; - is standard output, here and below")
    .option("--junit <file>", "as test results, for CI systems")
    .option("--json <file>", "all that is known, as JSON")
    .action((run: string | undefined, { consfig, ...files }: ReportOptions) =>
      perform({ verbose: 0 }, async () =>
        (await import("./commands/report.js")).report(run ?? "last", files, given(consfig)),
      ),
    );
  program
    .command("init [directory]")
    .description("start a consfig in a directory; existing files stay as they are")
    .action((directory: string | undefined) =>
      perform({ verbose: 0 }, async () => (await import("./commands/init.js")).init(directory)),
    );
  return program;
}

const examples = `
Examples:
  consfig init servers && cd servers     start a consfig
  consfig check                          check it without contacting any host
  consfig deploy                         make all hosts as it says
  consfig deploy web1 'db*' -v           these only, and tell what is unchanged too
  consfig deploy @web '!web3'            those tagged web, but not that one
  consfig deploy web1 --only apt         only the properties of apt
  consfig deploy --rolling 10% --max-failures 2
                                         a tenth at a time, and no more when three have failed
  consfig deploy --only failed@last      those that went wrong the last time
  consfig resume                         go on with a run that was interrupted
  consfig apply web1 'apt.installed("htop")'
  consfig report --html report.html      what the last run came to
  consfig eval app.report '"web1"' 7     evaluate a form of the consfig in a process of its own
  consfig dump web1 --to /usr/local/bin/report --form 'app.report "web1", 7'
                                         make an executable there that does so

HOST is a name, a pattern ('web[1-3]*', '{web,db}1'), @tag, @./file with such words, - for words on
standard input; with ! before it: not these.

Exit codes: 0 ok; 1 mistake in the command line or consfig; 3 some hosts failed;
4 some hosts unreachable; 5 some hosts locked by others; 130, 143 interrupted.
Of eval: the form's own; 124 it took too long;
128 and more: ended by that signal.`;

function common(command: Command): Command {
  return command
    .option(
      "-c, --consfig <file>",
      "the consfig; the nearest consfig.ts in this directory or above",
    )
    .option(
      "-v, --verbose",
      "tell more: -v what is unchanged, -vv what is inside, -vvv commands",
      counted,
      0,
    )
    .addOption(new Option("-q, --quiet", "tell of failures only").conflicts("verbose"));
}

function deploying(command: Command): Command {
  return common(command)
    .addOption(jsonOption())
    .option("--accept-new-host-key", "accept, and remember, keys of hosts that are not known yet")
    .option("-K, --ask-sudo", "ask for the password that sudo will want")
    .option("--parallel <number>", "as many hosts at once, or auto", width, "auto" as const)
    .option("--threads <number>", "threads that do it (default: as many as are worth it)", whole)
    .option("--rolling <share>", "so many may be out of service at once: 2, 10%", readShare)
    .option("--max-failures <share>", "begin no other when more have failed: 0, 5%", readShare)
    .option("--canary <hosts>", "these, or so many, go first; the others when all is well")
    .option("--retry <number>", "try again so often to connect", whole, 0)
    .option("--timeout <seconds>", "cancel a host that takes longer", seconds)
    .option("--silence <seconds>", "end a command that prints nothing for so long", seconds)
    .option(
      "--lock-wait <seconds>",
      "wait so long for a host that somebody else deploys",
      secondsOrNone,
      5,
    );
}

function evaluating(command: Command): Command {
  // Written out, so that other commands need not load what makes zygotes.
  const engines: readonly Engine[] = ["fork", "separate", "exec"];
  return common(command)
    .usage("[options] FORM [ARGUMENT as JSON]...")
    .addOption(jsonOption())
    .option("--list", "list the forms instead", false)
    .option("--timeout <seconds>", "end it when it takes longer", seconds)
    .option(
      "--prerequest <form>",
      "evaluate this before, in the same process: its id, then its arguments with commas between",
    )
    .addOption(
      new Option(
        "--engine <engine>",
        "fork this process, or a separate one; or exec: start each anew (default: what can be forked)",
      ).choices(engines),
    );
}

function jsonOption(): Option {
  return new Option("--json", "print lines of JSON for programs");
}

function gathered(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function counted(_value: string, before: number): number {
  return before + 1;
}

function absolute(value: string): string {
  if (/^\/[^\0]*[^/\0]$/.test(value)) return value;
  throw new InvalidArgumentError("expected an absolute path");
}

function width(value: string): number | "auto" {
  if (value === "auto") return value;
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("expected a number of at least 1, or auto");
}

function whole(value: string): number {
  if (/^\d{1,3}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("expected a number below 1000");
}

function seconds(value: string): number {
  const number = Number(value);
  // More does not fit into a timer.
  if (number > 0 && number <= 2_000_000) return number;
  throw new InvalidArgumentError("expected a number of seconds");
}

function secondsOrNone(value: string): number {
  return value === "0" ? 0 : seconds(value);
}

/** Members that may be left out must not be there as undefined. */
function given(consfig: string | undefined): { consfig?: string } {
  return consfig === undefined ? {} : { consfig };
}

function looking({ consfig, json = false }: CommonOptions) {
  return { ...given(consfig), json };
}

function verbosityOf({ verbose, quiet }: CommonOptions) {
  return { verbosity: quiet ? -1 : verbose };
}

function running(options: RunningOptions) {
  const { askSudo = false, acceptNewHostKey = false, retry, timeout } = options;
  const { parallel, threads, rolling, maxFailures, canary, silence, lockWait } = options;
  return {
    ...looking(options),
    ...verbosityOf(options),
    askSudo,
    parallel,
    ...(canary === undefined ? {} : { canary }),
    lockWaitMs: lockWait * 1000,
    ...(threads === undefined ? {} : { threads }),
    ...(rolling && { rolling }),
    ...(maxFailures && { maxFailures }),
    each: {
      acceptNewHostKey,
      retries: retry,
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      ...(silence === undefined ? {} : { silenceMs: silence * 1000 }),
    },
  };
}

/** The command is done and its exit code set; an error that ends it is told. */
async function perform(options: CommonOptions, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.exitCode = exitCode.usage;
    const { reportAsJson, reportErrors } = await import("./render/report.js");
    if (options.json) reportAsJson(error);
    await reportErrors([{ error }], options.verbose);
  }
}
