import { ConsfigError, inWords, sendable } from "../core/index.js";

/** The base of every error that the zygote and its client throw on purpose. */
export class ZygoteError extends ConsfigError {
  static override readonly code: string = "E_ZYGOTE";
}

/** This process cannot be forked safely; `condition` says which precondition does not hold. */
export class ZygoteRefused extends ZygoteError {
  static override readonly code: string = "E_ZYGOTE_REFUSED";

  readonly condition: string;

  constructor(condition: string, message: string, hint: string, options?: { cause?: unknown }) {
    super(`no zygote: ${message}`, { condition, hint }, options);
    this.condition = condition;
  }
}

/** A zygote ended while somebody waited for it, or has ended before. */
export class ZygoteDied extends ZygoteError {
  static override readonly code: string = "E_ZYGOTE_DIED";
}

/** There is no zygote in this process. */
export class NoZygote extends ZygoteError {
  static override readonly code: string = "E_NO_ZYGOTE";
}

/** The zygote could not make another process. */
export class GrandchildRefused extends ZygoteError {
  static override readonly code: string = "E_GRANDCHILD_REFUSED";
}

/** A form asked whoever asked for its evaluation, and there is no answer. */
export class NobodyAnswers extends ZygoteError {
  static override readonly code: string = "E_NO_ANSWER";
}

/** Something is not of the protocol: malformed, too large, too deep, or not serialisable at all. */
export class FrameRejected extends ZygoteError {
  static override readonly code: string = "E_FRAME";
}

/** A form is defined twice, inside a function, or too late. */
export class InvalidForm extends ZygoteError {
  static override readonly code: string = "E_FORM";
}

/** An id names no form that is loaded. */
export class UnknownForm extends ZygoteError {
  static override readonly code: string = "E_UNKNOWN_FORM";
}

/** A form's arguments or value are not what its schema says. */
export class InvalidFormData extends ZygoteError {
  static override readonly code: string = "E_FORM_DATA";
}

/** A form threw, or its process ended before it had a value. */
export class FormFailed extends ZygoteError {
  static override readonly code: string = "E_FORM_FAILED";
}

/** Worker threads were asked for in a grandchild. */
export class NoWorkerThreads extends ZygoteError {
  static override readonly code: string = "E_NO_WORKERS";
}

/** What is left of an error that happened in another process. */
export interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack: string;
}

/** Of each part of an error: a reply must have room for all of them. */
const longestPart = 256 * 1024;
const part = (of: unknown) => sendable(String(of), longestPart);

/** The parts of anything thrown that can be sent to another process. */
export function describeError(thrown: unknown): DescribedError {
  // A getter of a strange object may throw; the failure it describes must be told all the same.
  try {
    if (thrown instanceof Error) {
      const code = "code" in thrown && thrown.code !== undefined ? part(thrown.code) : undefined;
      const { name, message } = thrown;
      const stack = part(thrown.stack ?? inWords(thrown));
      return { name: part(name), message: part(message), stack, ...(code && { code }) };
    }
    return { name: "Error", message: part(thrown), stack: part(thrown) };
  } catch {
    const message = "something was thrown that cannot be printed";
    return { name: "Error", message, stack: message };
  }
}
