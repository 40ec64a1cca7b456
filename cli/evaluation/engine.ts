import { isError } from "../../engine/errors.js";
import { ZygoteRefused } from "../../zygote/errors.js";
// At once: it defines forms of its own, and nothing can be defined once the consfig has loaded.
import {
  requiredFlags,
  startPool,
  startSeparateZygote,
  startZygote,
  type Zygote,
} from "../../zygote/index.js";
import type { Modules } from "../consfig/load.js";

/**
 * Where pristine processes come from: copies of this process, copies of one beside it that has loaded
 * the same code, or programs that are started anew.
 */
export type Engine = "fork" | "separate" | "exec";

/**
 * A copy of this process if Node was started with the flags that takes, else of one beside it: never
 * programs started anew, which only who knows what that means can choose.
 */
export function usualEngine(): Engine {
  return requiredFlags.every((flag) => process.execArgv.includes(flag)) ? "fork" : "separate";
}

/**
 * Makes the zygote, of a process that has loaded the consfig's modules and read nothing else.
 *
 * @throws ZygoteRefused
 */
export async function startEngine(engine: Engine, modules: Modules): Promise<Zygote> {
  const urls = [modules.surroundings, modules.url];
  try {
    if (engine === "fork") return await startZygote();
    if (engine === "separate") return await startSeparateZygote({ modules: urls });
    return await startPool({ modules: urls });
  } catch (error) {
    if (isError(error, ZygoteRefused)) {
      const other = engine === "fork" ? "separate" : "exec";
      Object.assign(error.facts, { hint: `${error.hint}; or choose --engine ${other}` });
    }
    throw error;
  }
}
