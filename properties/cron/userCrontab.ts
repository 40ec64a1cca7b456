import { z } from "zod";
import {
  AbortedChange,
  FailedChange,
  type Finding,
  type LookingHost,
  type Outcome,
  type PosixHost,
  posixProperty,
  type Words,
} from "../../engine/index.js";
import { containsBlock, lacksBlock } from "../file/shared.js";
import { accountName } from "../user/shared.js";
import { command, inCrontab, jobName, when } from "./schedule.js";

/** Whose crontab is meant. */
export interface CrontabOptions {
  /** The account's that commands run as by default. Another's needs uid 0. */
  readonly user?: string;
}

const options = z.strictObject({ user: accountName.exactOptional() });

/** The text of a crontab, from the text as it is. Undefined: there is none. */
type Edit = (text: string | undefined) => string | undefined;

function crontab({ user }: CrontabOptions, ...words: string[]): Words {
  return ["crontab", ...(user === undefined ? [] : ["-u", user]), ...words];
}

async function readCrontab(
  host: LookingHost,
  options: CrontabOptions,
): Promise<string | undefined> {
  const english = { LC_ALL: "C.UTF-8", LANGUAGE: "en" };
  const look = await host.query(crontab(options, "-l"), { mayFail: true, env: english });
  const { exitCode, stdout, stderr } = look;
  if (exitCode !== 0) {
    // Nobody has no crontab: nothing is to be undone, and applying fails with the reason.
    if (/no crontab for|No such file|user .* unknown/i.test(stderr)) return undefined;
    throw new FailedChange("the crontab cannot be read", { exitCode, output: stderr });
  }
  if (!stdout.includes("\uFFFD")) return stdout;
  throw new AbortedChange("the crontab is no UTF-8 text and cannot be edited");
}

/** Whether the edit would change nothing; and if not, whether undoing it would change something. */
async function checkCrontab(
  host: LookingHost,
  options: CrontabOptions,
  edit: Edit,
  undo: Edit,
): Promise<Finding> {
  const text = await readCrontab(host, options);
  return edit(text) === text || (undo(text) !== text && "partly");
}

async function applyCrontab(
  host: PosixHost,
  options: CrontabOptions,
  edit: Edit,
): Promise<Outcome> {
  const before = await readCrontab(host, options);
  const after = edit(before);
  if (after === before) return "unchanged";
  if (after) await host.run(crontab(options, "-"), { stdin: after });
  else await host.run(crontab(options, "-r"));
  return "changed";
}

/** A crontab in which nothing is left is none. */
const orNone = (text: string | undefined) => (text?.trim() ? text : undefined);

/**
 * The user's crontab has the job, between two comments that name it; all else in it stays.
 * Unapplied: it has not. Needs crontab.
 *
 * @example cron.userCrontabContains("backup", "0 4 * * *", "/usr/local/bin/backup", { user: "alice" })
 */
export const userCrontabContains = posixProperty<
  [name: string, when: string, command: string, options?: CrontabOptions]
>("cron.userCrontabContains", {
  args: z.tuple([jobName, when, command, options.exactOptional()]),
  desc: (name, _when, _command, { user } = {}) => `cron job ${name}${user ? ` of ${user}` : ""}`,
  check: (host, name, when, command, options = {}) =>
    checkCrontab(
      host,
      options,
      (text) => containsBlock(text, name, [`${when} ${inCrontab(command)}`]),
      (text) => orNone(lacksBlock(text, name)),
    ),
  apply: (host, name, when, command, options = {}) =>
    applyCrontab(host, options, (text) => {
      return containsBlock(text, name, [`${when} ${inCrontab(command)}`]);
    }),
  unapply: (host, name, _when, _command, options = {}) =>
    applyCrontab(host, options, (text) => orNone(lacksBlock(text, name))),
});

const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable"),
  z.string().regex(/^[^\n\r\0"]*$/, "expected one line without double quotes"),
);

const environment = "environment";

/**
 * The user's crontab sets the variables for all jobs in it, at its beginning: `MAILTO`, `PATH`,
 * `SHELL` and others. Unapplied: it does not. Needs crontab.
 */
export const userCrontabSets = posixProperty<
  [variables: Readonly<Record<string, string>>, options?: CrontabOptions]
>("cron.userCrontabSets", {
  args: z.tuple([variables, options.exactOptional()]),
  desc: (variables) => `crontab sets ${Object.keys(variables).join(", ")}`,
  check: (host, variables, options = {}) =>
    checkCrontab(
      host,
      options,
      (text) => withVariables(text, variables),
      (text) => orNone(lacksBlock(text, environment)),
    ),
  apply: (host, variables, options = {}) =>
    applyCrontab(host, options, (text) => withVariables(text, variables)),
  unapply: (host, _variables, options = {}) =>
    applyCrontab(host, options, (text) => orNone(lacksBlock(text, environment))),
});

/** A variable is set for the lines below it only, so all stand above everything else. */
function withVariables(
  text: string | undefined,
  variables: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"`);
  return containsBlock(undefined, environment, lines) + (lacksBlock(text, environment) ?? "");
}

const oneLine = z.string().regex(/^[^\n\r\0]*$/, "expected one line");

/** The user's crontab consists of exactly these lines. Unapplied: there is none. Needs crontab. */
export const userCrontabInstalled = posixProperty<
  [lines: readonly string[], options?: CrontabOptions]
>("cron.userCrontabInstalled", {
  args: z.tuple([z.array(oneLine).min(1), options.exactOptional()]),
  desc: (_lines, { user } = {}) => `crontab${user ? ` of ${user}` : ""}`,
  check: (host, lines, options = {}) =>
    checkCrontab(
      host,
      options,
      () => lines.map((line) => `${line}\n`).join(""),
      () => undefined,
    ),
  apply: (host, lines, options = {}) =>
    applyCrontab(host, options, () => lines.map((line) => `${line}\n`).join("")),
  unapply: (host, _lines, options = {}) => applyCrontab(host, options, () => undefined),
});
