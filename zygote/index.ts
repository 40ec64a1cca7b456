/**
 * The public entry `consfigurator/zygote`: for programs that make a zygote of their own. A zygote forks
 * processes that have all code in memory and have seen no request. Its serve loop is in `native/serve.c`,
 * a grandchild's life in `grandchild.ts`, what is repaired after a fork in `repair.ts`.
 *
 * This room knows nothing of hosts, and may import `core` alone.
 */

export { ConsfigError, type ErrorFacts, isError, type Wire } from "../core/index.js";
export * from "./context.js";
export { ask, type Listening, tell } from "./conversation.js";
export { hasZygote } from "./current.js";
export * from "./errors.js";
export {
  type Evaluation,
  type EvaluationOptions,
  evalInGrandchild,
  type FormOutcome,
  type StreamedEvaluation,
  streamInGrandchild,
} from "./evaluate.js";
export {
  askedForm,
  evaluateForm,
  type Form,
  type FormDefinition,
  form,
  knownForms,
} from "./form.js";
export { type PoolOptions, startPool } from "./pool.js";
export { requiredFlags } from "./preconditions.js";
export { type SeparateZygoteOptions, startSeparateZygote } from "./separate.js";
export { startZygote, type ZygoteOptions } from "./start.js";
export type { End, GrandchildHandle, Zygote } from "./zygote.js";
