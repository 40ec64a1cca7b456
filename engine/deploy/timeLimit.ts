import { Deadline } from "../../core/index.js";
import { Cancelled, type ConsfigError, DeploymentTimedOut, isError } from "../base/index.js";

/** The end of one deployment: its time is over, or many are cancelled at once. It has to be ended. */
export class TimeLimit extends Deadline {
  /** The error that was thrown, or the one that says that the time was over. */
  explain(error: ConsfigError): ConsfigError {
    if (!this.isTimedOut || !isError(error, Cancelled)) return error;
    const seconds = (this.timeoutMs ?? 0) / 1000;
    return new DeploymentTimedOut(`it took longer than ${seconds} s and was cancelled`, {
      ...error.facts,
      timeoutMs: this.timeoutMs,
      hint: "raise --timeout, or look for what hangs with -v",
    });
  }
}
