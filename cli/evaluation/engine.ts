// This module defines forms, so it is loaded at once: after the consfig nothing can be defined.

import { isError } from "../../engine/base/index.js";
import { ZygoteRefused } from "../../zygote/client.js";
import {
  requiredFlags,
  startPool,
  startSeparateZygote,
  startZygote,
  type Zygote,
} from "../../zygote/index.js";
import { keepPrivate } from "../../zygote/private.js";
import type { Compiled } from "../consfig/compile.js";

/**
 * Where pristine processes come from: copies of this process, copies of one beside it that has loaded
 * the same code, or programs that are started anew.
 */
export type Engine = "fork" | "separate" | "exec";

/**
 * A copy of this process if Node was started with the flags that takes, else of one beside it: never
 * programs started anew, which only who knows what that means can choose.
 *
 * Why the command is not always started with the flags, by `#!/usr/bin/env -S node --…`: they make V8
 * compile and collect on one thread, which costs every command 80 to 100 ms (`consfig hosts`: 302 ms
 * without, 384 ms with them). Starting this program again with them for `eval` alone (585 ms)
 * is hardly faster than a separate zygote beside it (678 ms; 576 ms if the flags were there at once).
 * And of a separate zygote no copy has seen the command line, and no signals have to be passed on.
 */
export function usualEngine(): Engine {
  return requiredFlags.every((flag) => process.execArgv.includes(flag)) ? "fork" : "separate";
}

/** The zygote of one command, made as early as can be. */
export class FormProcesses {
  readonly #engine: Engine;
  #zygote: Promise<Zygote> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Other processes load the code while this one does; a copy of this one has to wait for it. */
  startBeside({ surroundings, url }: Compiled): void {
    if (this.#engine === "fork") return;
    const start = this.#engine === "separate" ? startSeparateZygote : startPool;
    this.#zygote = start({ modules: [surroundings, url] });
    this.#zygote.catch(() => {}); // told to who asks for it, unless the code does not load here
  }

  /**
   * The zygote. It is asked for when this process has loaded the code and read nothing else.
   *
   * @throws ZygoteRefused
   */
  async zygote(): Promise<Zygote> {
    this.#zygote ??= startZygote();
    try {
      const zygote = await this.#zygote;
      keepPrivate();
      return zygote;
    } catch (error) {
      if (isError(error, ZygoteRefused)) {
        const other = this.#engine === "fork" ? "separate" : "exec";
        Object.assign(error.facts, { hint: `${error.hint}; or choose --engine ${other}` });
      }
      throw error;
    }
  }

  /** Where the processes come from, in words for -v. */
  inWords({ pid }: Zygote): string {
    return `engine: ${this.#engine}${pid === undefined ? "" : `, zygote ${pid}`}`;
  }

  /** Ends it and all its processes. */
  async end(): Promise<void> {
    const zygote = await this.#zygote?.catch(() => undefined);
    await zygote?.close();
  }
}
