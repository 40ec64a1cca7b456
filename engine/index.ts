/** The public entry of the package: what a consfig, a property, a hop type or a form is written with. */

// Every process that this one forks or starts can be given an order.
import "./deploy/applyForm.js";

// Executables can be given a deployment to continue.
import "./deploy/continueDeploy.js";

export { besideCaller } from "../core/definitions/location.js";
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
export * from "./base/errors.js";
export { printable, printableLines } from "./base/printable.js";
export { Secret } from "./base/secret.js";
export {
  operand,
  quote,
  quoteWords,
  script,
  sh,
  shellText,
  type Word,
  type Words,
} from "./base/sh.js";
export type { Wire } from "./base/wire.js";
export { childStream } from "./connect/childStream.js";
export { type Connattr, connattr } from "./connect/connattrs.js";
export { unguessablePrompt } from "./connect/connection.js";
export {
  chainOf,
  type DeploymentOptions,
  deploy,
  deployHost,
  deployThese,
} from "./deploy/deployment.js";
export { deploys, deploysThese } from "./deploy/deploys.js";
export { dumpExecutable } from "./executable/dump.js";
export { evalInReinvoked, type Reinvocation } from "./executable/reinvoked.js";
export { runsFrom } from "./executable/runtime.js";
export type { Task } from "./executable/script.js";
export { limitsAttr, tagName, tagsAttr, tagsOf } from "./fleet/attrs.js";
export type { ByteStream, StreamEnd, Transport } from "./model/byteStream.js";
export { type CombinatorDefinition, type Combine, combinator } from "./model/combinator.js";
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
} from "./model/combinators.js";
export {
  compareVersions,
  type DataItem,
  type DataSource,
  isHostname,
  registerDataSource,
  resetDataSources,
} from "./model/data.js";
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
} from "./model/hop.js";
export { childHost, type Host, type HostOptions, host, isHost } from "./model/host.js";
export {
  dataAttr,
  type Hostattr,
  type Hostattrs,
  hostattr,
  hostnameAttr,
  type ReadonlyHostattrs,
  type Requirement,
} from "./model/hostattrs.js";
export type {
  Account,
  CommandOptions,
  CommandResult,
  FileAttributes,
  FileStat,
  LookingHost,
  NodeHost,
  PosixHost,
} from "./model/hostInterfaces.js";
export { HostList, type Hosts, hostsFrom } from "./model/hostList.js";
export {
  nodeProperty,
  type Property,
  posixProperty,
  propertyIds,
  propList,
  propSpec,
} from "./model/property.js";
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
} from "./model/propspec.js";
export { sealDefinitions, unsealDefinitions } from "./model/registry.js";
export type { ModuleFile, ModuleSet } from "./modules/moduleSet.js";
export { moduleRequirements, useModulesOf } from "./modules/requirements.js";
export { type PreparedHost, prepareHost } from "./prepare/prepare.js";
export { preparedFromWire } from "./prepare/preparedFromWire.js";
export {
  type ContinueDeployProgram,
  continueDeployProgram,
  oldestNode,
} from "./remote/image/boot.js";
export { requestModules, type Sent } from "./remote/image/requestModules.js";
export type {
  Counts,
  DeploymentEvent,
  DeploymentReport,
  Ending,
  Failure,
  Item,
  Listener,
  Traffic,
} from "./report/events.js";
export type { LeftProcess } from "./shell/leftRunning.js";
