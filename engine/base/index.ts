/**
 * Errors with their codes, the `Secret`, commands as words and how they are quoted, and text of a host made
 * harmless before it is shown.
 *
 * This room knows of no host, and imports `core` alone.
 */
export {
  AbortedChange,
  AuthenticationFailed,
  BrokenModules,
  BrokenProperty,
  Cancelled,
  CommandFailed,
  CommandSilent,
  CommandTimedOut,
  ConnectionFailed,
  ConnectionLost,
  ConsfigError,
  codesOf,
  DeploymentTimedOut,
  type ErrorClass,
  type ErrorFacts,
  ExecutableIsNoNode,
  FailedChange,
  FileFailed,
  FileNotFound,
  HopFailed,
  HostattrsTooLate,
  HostKeyRefused,
  HostUnreachable,
  InapplicableProperty,
  InvalidArgument,
  InvalidConsfig,
  InvalidDefinition,
  InvalidInventory,
  InvalidSelection,
  isError,
  JournalDamaged,
  JournalFailed,
  KindMismatch,
  LockHeld,
  lastLines,
  MissingData,
  MissingDataSource,
  ModuleNotHere,
  OutputTooLarge,
  RunGoesOn,
  SessionGarbled,
  ThreadLost,
  Unhealthy,
  UnknownDefinition,
  UnknownHost,
  UnknownRun,
  UsageError,
  WrongExecutionContextForImageDump,
} from "./errors.js";
export { printable, printableLines } from "./printable.js";
export { placeholder, Secret } from "./secret.js";
export { operand, quote, quoteWords, script, sh, shellText, type Word, type Words } from "./sh.js";
export { toWire } from "./wire.js";
