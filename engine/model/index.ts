/**
 * What a consfig is written with: properties, combinators, hosts, hops, hostattrs, connattrs and prerequisite
 * data; and the interfaces by which a property sees a host. Nothing here contacts or looks at anything.
 *
 * This room may import `base`, and of the zygote what a form is.
 */
export type { ByteStream, StreamEnd, Transport } from "./byteStream.js";
export {
  type Applier,
  type CombinatorDefinition,
  type Combine,
  combinator,
  combinatorOf,
  type SequenceOptions,
} from "./combinator.js";
export {
  asUser,
  chainSchema,
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
export { type Connattr, connattr, connattrOf } from "./connattr.js";
export {
  assertDeclared,
  compareVersions,
  type DataItem,
  type DataSource,
  dataItem,
  type FindData,
  findDataOnce,
  isHostname,
  newestOf,
  registerDataSource,
  resetDataSources,
} from "./data.js";
export {
  type Chain,
  describeChain,
  fromHere,
  furtherFrom,
  type Gives,
  type Hop,
  type HopCommand,
  type HopContext,
  type HopDefinition,
  hopTerms,
  hopThat,
  hopType,
  hopTypeOf,
  type ImageByItself,
  type ImageByShell,
  isHere,
  isHop,
  type KindOfChain,
  kindOfChain,
  makeHop,
  type Prompt,
  requiredBy,
  withoutHere,
} from "./hop.js";
export { type Host, isHost } from "./host.js";
export {
  dataAttr,
  type Hostattr,
  Hostattrs,
  type HostattrsWire,
  hostattr,
  hostnameAttr,
  type ReadonlyHostattrs,
  type Requirement,
} from "./hostattrs.js";
export type {
  Account,
  CommandOptions,
  CommandResult,
  ConnattrKey,
  FileAttributes,
  FileEdit,
  FileStat,
  LookingHost,
  NodeHost,
  PosixHost,
} from "./hostInterfaces.js";
export { HostList, type Hosts, hostsFrom } from "./hostList.js";
export { childHost, type HostOptions, host } from "./makeHost.js";
export type { Prepared, PreparedApp, PreparedCombination, PreparedHost } from "./prepared.js";
export {
  isChecked,
  nodeProperty,
  type Property,
  posixProperty,
  propertyIds,
  propertyOf,
  propList,
  propSpec,
} from "./property.js";
export {
  type Combination,
  checkedArgs,
  type Direction,
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
