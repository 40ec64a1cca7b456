import { defined } from "../../core/index.js";
import { UsageError } from "../../engine/base/index.js";
import {
  type Form,
  type FormOutcome,
  knownForms,
  streamInGrandchild,
} from "../../zygote/client.js";
import type { Zygote } from "../../zygote/index.js";
import { loadModules } from "../consfig/load.js";
import { type Asked, askedInOneWord, assertKnown, readAsked } from "../evaluation/asked.js";
import { type Engine, FormProcesses, usualEngine } from "../evaluation/engine.js";
import { type Display, follow, jsonDisplay, plainDisplay } from "../evaluation/output.js";
import { codeOf, failureOf } from "../evaluation/verdict.js";
import { heedSignals } from "../interruption.js";
import { jsonLine, jsonVersion } from "../render/json.js";
import { reportErrors } from "../render/report.js";

/** What the command line says of how a form is evaluated. */
export interface EvalOptions {
  readonly consfig?: string;
  readonly json: boolean;
  readonly verbosity: number;
  readonly engine?: Engine;
  readonly timeoutMs?: number;
  readonly prerequest?: string;
}

/**
 * A form of the consfig is evaluated, in a process of its own. The order is what keeps that process
 * pristine: modules loaded, zygote forked, and only then the arguments read.
 */
export async function evaluate(
  id: string | undefined,
  args: readonly string[],
  options: EvalOptions,
): Promise<number> {
  if (id === undefined) {
    throw new UsageError("no form is given", {
      hint: "`consfig eval --list` tells which there are",
    });
  }
  const asked: Asked = { id, args };
  const { engine = usualEngine(), prerequest } = options;
  const before = prerequest === undefined ? null : askedInOneWord(prerequest);
  const pristine = new FormProcesses(engine);
  try {
    await loadModules(options.consfig, (code) => pristine.startBeside(code));
    for (const one of before ? [before, asked] : [asked]) assertKnown(one);
    const zygote = await pristine.zygote();
    if (options.verbosity > 0) process.stderr.write(`${pristine.inWords(zygote)}\n`);
    return await evaluateWith(zygote, before && readAsked(before), readAsked(asked), options);
  } finally {
    await pristine.end();
  }
}

/** The forms of the consfig are listed. */
export async function listForms(options: { consfig?: string; json: boolean }): Promise<number> {
  await loadModules(options.consfig);
  const forms = knownForms().toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const width = Math.max(...forms.map(({ id }) => id.length));
  const lines = forms.map(({ id, at = "" }) =>
    options.json
      ? jsonLine({ v: jsonVersion, type: "form", form: id, at })
      : `${id.padEnd(width)}  ${at}\n`,
  );
  process.stdout.write(lines.join(""));
  return 0;
}

async function evaluateWith(
  zygote: Zygote,
  prerequest: Form | null,
  request: Form,
  options: EvalOptions,
): Promise<number> {
  const display = options.json ? jsonDisplay() : plainDisplay();
  const interruption = heedSignals(() => {
    process.stderr.write(
      "stopping: the form's process is being ended; once more to leave at once\n",
    );
  });
  try {
    const { timeoutMs } = options;
    const evaluation = await streamInGrandchild(prerequest, request, {
      zygote,
      signal: interruption.signal,
      ...defined({ timeoutMs }),
    });
    // The second signal ends this process at once; one started anew may be too busy to notice that.
    const end = () => evaluation.kill("SIGKILL");
    process.once("exit", end);
    await follow(display, evaluation);
    process.removeListener("exit", end);
    return await told(request, await evaluation.outcome, display, options);
  } catch (error) {
    if (interruption.exitCode === undefined) throw error;
    return interruption.exitCode;
  } finally {
    interruption.end();
  }
}

async function told(
  asked: Form,
  outcome: FormOutcome<unknown>,
  display: Display,
  { json, verbosity, timeoutMs }: EvalOptions,
): Promise<number> {
  const error = failureOf(asked.form, outcome, timeoutMs);
  display.end(asked, outcome, error ? { error } : {});
  if (error && !json) await reportErrors([{ error }], verbosity);
  if (!error && outcome.ended === "exited" && !json && verbosity >= 0) {
    process.stderr.write(`${asked.form} has ended its process itself, without a value\n`);
  }
  return codeOf(outcome);
}
