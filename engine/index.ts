/** The public entry of the package: what a consfig, a property, a hop type or a form is written with. */

// Every process that this one forks or starts can be given an order.
import "./order/order.js";

// Executables can be given a deployment to continue.
import "./executable/continueDeploy.js";

// What forms are written with. Making zygotes is for programs: `consfigurator/zygote`.
export type { End } from "../zygote/birth.js";
export * from "../zygote/context.js";
export { ask, type Listening, tell } from "../zygote/conversation.js";
export { isGrandchild } from "../zygote/current.js";
export * from "../zygote/errors.js";
export {
  type Evaluation,
  type EvaluationOptions,
  evalInGrandchild,
  type Outcome as FormOutcome,
  type StreamedEvaluation,
  streamInGrandchild,
} from "../zygote/evaluate.js";
export { type Form, type FormDefinition, form } from "../zygote/form.js";
export { ownLibc } from "../zygote/libc.js";
export { preparedFromWire } from "./arrival.js";
export type { ByteStream, StreamEnd, Transport } from "./byteStream.js";
export { childStream } from "./childStream.js";
export { type CombinatorDefinition, type Combine, combinator } from "./combinator.js";
export {
  asUser,
  concurrently,
  described,
  inOrder,
  inOrderUntil,
  keepGoing,
  onApplyChange,
  onChange,
  onceWithFlagFile,
  over,
  reapplied,
  silently,
  unapplied,
  withHome,
  withUnapply,
} from "./combinators.js";
export { type Connattr, connattr } from "./connattrs.js";
export { unguessablePrompt } from "./connection.js";
export {
  compareVersions,
  type DataItem,
  type DataSource,
  isHostname,
  registerDataSource,
  resetDataSources,
} from "./data.js";
export {
  chainOf,
  type DeploymentOptions,
  deploy,
  deployHost,
  deployThese,
} from "./deployment.js";
export * from "./errors.js";
export type {
  Counts,
  DeploymentEvent,
  DeploymentReport,
  Ending,
  Failure,
  Item,
  Listener,
  Traffic,
} from "./events.js";
export { dumpExecutable } from "./executable/dump.js";
export { evalInReinvoked, type Reinvocation } from "./executable/reinvoked.js";
export { runsFrom } from "./executable/runtime.js";
export type { Task } from "./executable/script.js";
export { limitsAttr, tagName, tagsAttr, tagsOf } from "./fleet/attrs.js";
export {
  type Chain,
  describeChain,
  type Gives,
  type Hop,
  type HopCommand,
  type HopContext,
  type HopDefinition,
  hopType,
  type ImageByItself,
  type ImageByShell,
  type KindOfChain,
  makeHop,
  type Prompt,
} from "./hop.js";
export { childHost, type Host, type HostOptions, host, isHost } from "./host.js";
export type {
  Account,
  CommandOptions,
  CommandResult,
  FileAttributes,
  FileStat,
  LookingHost,
  NodeHost,
  PosixHost,
} from "./hostAccess.js";
export {
  dataAttr,
  type Hostattr,
  type Hostattrs,
  hostattr,
  hostnameAttr,
  type ReadonlyHostattrs,
  type Requirement,
} from "./hostattrs.js";
export { HostList, type Hosts, hostsFrom } from "./hostList.js";
export {
  type ContinueDeployProgram,
  continueDeployProgram,
  oldestNode,
} from "./image/boot.js";
export { requestModules, type Sent } from "./image/requestModules.js";
export type { LeftProcess } from "./leftRunning.js";
export { besideCaller } from "./location.js";
export type { ModuleFile, ModuleSet } from "./modules/moduleSet.js";
export { moduleRequirements, useModulesOf } from "./modules/requirements.js";
export { type PreparedHost, prepareHost } from "./prepare.js";
export { printable, printableLines } from "./printable.js";
export {
  nodeProperty,
  type Property,
  posixProperty,
  propertyIds,
  propList,
  propSpec,
} from "./property.js";
export {
  type Combination,
  type Finding,
  isPropspec,
  type JoinKinds,
  type Kind,
  type KindOf,
  type Outcome,
  type PropApp,
  type Propspec,
  propspec,
  type RevertableAll,
} from "./propspec.js";
export { sealDefinitions, unsealDefinitions } from "./registry.js";
export { Secret } from "./secret.js";
export { operand, quote, quoteWords, script, sh, shellText, type Word, type Words } from "./sh.js";
export { deploys, deploysThese } from "./subdeployment.js";
export type { Wire } from "./wire.js";
