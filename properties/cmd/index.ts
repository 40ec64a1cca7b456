/** Commands that a person writes. */
import { z } from "zod";
import { defined } from "../../core/index.js";
import {
  CommandFailed,
  isError,
  type LookingHost,
  type PosixHost,
  posixProperty,
  type Words,
} from "../../engine/index.js";
import { absolutePath } from "../file/shared.js";
import { commandInWords } from "./inWords.js";

/** How a command is run, and when it need not be. */
export interface SingleOptions {
  /** Not run when something is at this path. */
  readonly creates?: string;
  /** Not run when nothing is at this path. */
  readonly removes?: string;
  /** Not run when this command, which only looks, ends with exit code 0. */
  readonly unless?: Words;
  /** Not run unless this command, which only looks, ends with exit code 0. */
  readonly onlyIf?: Words;
  /** Directory to run it in, its guards too; the account's home by default. */
  readonly cwd?: string;
  /** Variables set or, if `null`, unset, for its guards too. */
  readonly env?: Readonly<Record<string, string | null>>;
  /** What it reads; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** It reads this item of prerequisite data: iden1 and iden2. */
  readonly stdinData?: readonly [iden1: string, iden2: string];
  /** Ended when it has run that long. */
  readonly timeoutMs?: number;
  /** Exit codes that mean, like 0, that it did what it should. */
  readonly okExitCodes?: readonly number[];
  /** Exit codes that mean nothing was to be done. They are no failure. */
  readonly unchangedExitCodes?: readonly number[];
}

const words = z.array(z.union([z.string(), z.number()])).min(1);
const exitCodes = z.array(z.int().min(0).max(255)).min(1);
const options = z
  .strictObject({
    creates: absolutePath.exactOptional(),
    removes: absolutePath.exactOptional(),
    unless: words.exactOptional(),
    onlyIf: words.exactOptional(),
    cwd: absolutePath.exactOptional(),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, "expected a name"), z.string().nullable())
      .exactOptional(),
    stdin: z.union([z.string(), z.instanceof(Uint8Array)]).exactOptional(),
    stdinData: z.tuple([z.string().min(1), z.string().min(1)]).exactOptional(),
    timeoutMs: z.number().positive().exactOptional(),
    okExitCodes: exitCodes.exactOptional(),
    unchangedExitCodes: exitCodes.exactOptional(),
  })
  .refine(
    ({ stdin, stdinData }) => stdin === undefined || stdinData === undefined,
    "stdin is given twice",
  );

/**
 * The command has been run. With `creates`, `removes`, `unless` or `onlyIf` it is run only when it
 * has to be; without any of them each time, and that counts as a change. Undo it with `withUnapply`.
 *
 * @example cmd.single(sh`newaliases`, { onlyIf: sh`test /etc/aliases -nt /etc/aliases.db` })
 * @example cmd.single(script`dmesg | tail -n 5 >/root/tail`, { creates: "/root/tail" })
 */
export const single = posixProperty<[words: Words, options?: SingleOptions]>("cmd.single", {
  args: z.tuple([words, options.exactOptional()]),
  desc: (words) => commandInWords(words),
  hostattrs(attrs, _words, { stdinData } = {}) {
    if (stdinData) attrs.requireData(...stdinData);
  },
  check: (host, _words, options = {}) => isSpared(host, options),
  async apply(host, words, options = {}) {
    const { okExitCodes = [], unchangedExitCodes = [] } = options;
    const exitCode = await exitCodeOf(host, words, options, [
      ...okExitCodes,
      ...unchangedExitCodes,
    ]);
    return unchangedExitCodes.includes(exitCode) ? "unchanged" : "changed";
  },
});

/** Whether one of the guards says that the command need not be run. */
async function isSpared(host: LookingHost, options: SingleOptions): Promise<boolean> {
  const { creates, removes, unless, onlyIf } = options;
  const around = surroundings(options);
  const reasons = await Promise.all([
    creates !== undefined && host.exists(creates),
    removes !== undefined && host.exists(removes).then((exists) => !exists),
    unless !== undefined && host.test(unless, around),
    onlyIf !== undefined && host.test(onlyIf, around).then((holds) => !holds),
  ]);
  return reasons.includes(true);
}

/** How the command ends. @throws CommandFailed unless with 0 or one of the exit codes */
async function exitCodeOf(
  host: PosixHost,
  words: Words,
  options: SingleOptions,
  fine: readonly number[],
): Promise<number> {
  try {
    const stdin = await stdinOf(host, options);
    return (await host.run(words, { ...surroundings(options), ...stdin })).exitCode;
  } catch (error) {
    const exitCode = isError(error, CommandFailed) ? error.facts.exitCode : undefined;
    if (typeof exitCode === "number" && fine.includes(exitCode)) return exitCode;
    throw error;
  }
}

function surroundings({ cwd, env, timeoutMs }: SingleOptions) {
  const variables = Object.entries(env ?? {}).map(([name, value]) => [name, value ?? undefined]);
  return {
    ...defined({ cwd, timeoutMs }),
    env: Object.fromEntries(variables) as Record<string, string | undefined>,
  };
}

async function stdinOf(host: PosixHost, { stdin, stdinData }: SingleOptions) {
  if (stdinData) return { stdin: (await host.data(...stdinData)).content };
  return defined({ stdin });
}
