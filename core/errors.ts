/** What an error may carry besides its text: facts a program can read, none of them secret. */
export interface ErrorFacts {
  /** What the person can do about it: one sentence, without a final full stop. */
  readonly hint?: string;
  readonly [fact: string]: unknown;
}

/**
 * The base of every error this system throws on purpose.
 *
 * `code` is stable and documented; facts are fields, and text made of what a host said is escaped.
 * Errors are recognised by `codes` (their own and their ancestors'), not by `instanceof`, since they
 * may come from another process.
 */
export class ConsfigError extends Error {
  static readonly code: string = "E_CONSFIG";
  readonly facts: ErrorFacts;

  constructor(message: string, facts: ErrorFacts = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.facts = facts;
    this.name = new.target.name;
  }

  /** The stable code of this error's class. */
  get code(): string {
    return this.codes[0] ?? ConsfigError.code;
  }

  /** The codes of this error's class and of every class it descends from, nearest first. */
  get codes(): readonly string[] {
    return codesOf(this.constructor);
  }

  get hint(): string | undefined {
    return this.facts.hint;
  }
}

/** A class of {@link ConsfigError}. */
export interface ErrorClass {
  readonly code: string;
  readonly prototype: ConsfigError;
}

/** The code of an error class and of its ancestors, nearest first. */
export function codesOf(errorClass: object): readonly string[] {
  const codes: string[] = [];
  let current: unknown = errorClass;
  while (typeof current === "function" && "code" in current) {
    codes.push(String(current.code));
    current = Object.getPrototypeOf(current);
  }
  return codes;
}

/** Whether `error` is of the given class or of one that descends from it. */
export function isError<E extends ErrorClass>(
  error: unknown,
  errorClass: E,
): error is E["prototype"] {
  return error instanceof ConsfigError && error.codes.includes(errorClass.code);
}
