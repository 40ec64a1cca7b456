import { Deadline } from "../../core/index.js";
import {
  Cancelled,
  type ConsfigError,
  DeploymentTimedOut,
  FailedChange,
  isError,
} from "../base/index.js";

/** The end of one deployment: its time is over, or many are cancelled at once. It has to be ended. */
export class TimeLimit extends Deadline {
  /** The error that was thrown, or the one that says that the time was over, or that nobody here cancelled. */
  explain(error: ConsfigError): ConsfigError {
    if (!isError(error, Cancelled)) return error;
    if (!this.signal.aborted) {
      return new FailedChange(`it was cancelled, and not from here: ${error.message}`, {
        ...error.facts,
        hint: "somebody has ended the process there, or the machine goes down; deploy again",
      });
    }
    if (!this.isTimedOut) return error;
    const seconds = (this.timeoutMs ?? 0) / 1000;
    return new DeploymentTimedOut(`it took longer than ${seconds} s and was cancelled`, {
      ...error.facts,
      timeoutMs: this.timeoutMs,
      hint: "raise --timeout, or look for what hangs with -v",
    });
  }
}
