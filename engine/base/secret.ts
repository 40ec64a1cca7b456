import { inspect } from "node:util";

/** What stands in the place of a secret. */
export const placeholder = "[secret]";

/**
 * A value that cannot be printed, put on a command line or serialised by accident.
 *
 * Every ordinary way to turn it into text gives a placeholder; the type is no shell word and has no
 * wire form. {@link Secret.reveal} is the one way to the content: call it where the bytes go into a
 * stream, nowhere earlier.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The content itself. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [inspect.custom](): string {
    return placeholder;
  }
}
