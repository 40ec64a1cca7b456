/**
 * What asks a zygote for processes and speaks with them. It makes no zygote: that is in `server.ts`.
 */

export {
  becomeUser,
  beginPidNamespace,
  confine,
  enterOpenRoot,
  enterRoot,
  joinNamespaces,
  type Limits,
  type Mount,
  makeDevice,
  makeReproducible,
  mount,
  mountFlags,
  type Namespace,
  namespaces,
  pivotRoot,
  type UserIds,
  unmount,
  unshareNamespaces,
} from "./context.js";
export { answerTakers, ask, type Listening, openConversation, tell } from "./conversation.js";
export { hasZygote, isGrandchild, setZygoteMaker } from "./current.js";
export {
  type DescribedError,
  describeError,
  FormFailed,
  FrameRejected,
  GrandchildRefused,
  InvalidForm,
  InvalidFormData,
  NobodyAnswers,
  NoWorkerThreads,
  NoZygote,
  UnknownForm,
  ZygoteDied,
  ZygoteError,
  ZygoteRefused,
} from "./errors.js";
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
  checkValue,
  evaluateForm,
  type Form,
  type FormDefinition,
  form,
  knownForms,
  plainForm,
} from "./form.js";
export { decodePayload, encodeFrame, FrameReader } from "./frames.js";
export { ownLibc, ownPlatform } from "./libc.js";
export { inPhases } from "./phases.js";
export { requiredFlags } from "./preconditions.js";
export { answerMessage, formMessage, type ReplyMessage, requestMessage } from "./protocol.js";
export { readReply } from "./reply.js";
export type { End, Zygote } from "./zygote.js";
