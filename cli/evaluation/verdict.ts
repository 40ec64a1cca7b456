import os from "node:os";
import { defined } from "../../core/index.js";
import { FormFailed, type FormOutcome } from "../../zygote/client.js";
import { positionsIn } from "../consfig/loadingError.js";
import { exitCode } from "../exitCode.js";
import { duration } from "../render/words.js";

/** The command's exit code for how the process ended: its own, or as shells make one of a signal. */
export function codeOf({ ended, exitCode: code, signal }: FormOutcome<unknown>): number {
  if (ended === "timedOut") return exitCode.timedOut;
  if (signal) return 128 + os.constants.signals[signal];
  return code ?? exitCode.failed;
}

/** Why there is no value; undefined when there is one, or the form itself ended its process well. */
export function failureOf(
  id: string,
  outcome: FormOutcome<unknown>,
  timeoutMs: number | undefined,
): FormFailed | undefined {
  const { ended, exitCode: code, signal, error } = outcome;
  if (ended === "returned" || (ended === "exited" && code === 0)) return undefined;
  if (ended === "timedOut") {
    return new FormFailed(`${id} took longer than ${duration(timeoutMs ?? 0)} and was ended`, {
      form: id,
      hint: "give it more time with --timeout, or find out what it waits for",
    });
  }
  if (error) {
    const at = positionsIn(error.stack).join("\n");
    const kind = error.code === undefined ? error.name : `${error.name} (${error.code})`;
    return new FormFailed(`${id} threw ${kind}: ${error.message}`, {
      form: id,
      ...defined({ at: at || undefined, causeCode: error.code }),
      hint: "all of its stack is in what the form printed",
    });
  }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  return new FormFailed(`${id}: its process ${how} before there was a value`, {
    form: id,
    ...(signal ? { signal } : { exitCode: code }),
  });
}
