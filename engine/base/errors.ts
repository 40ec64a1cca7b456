import { ConsfigError } from "../../core/index.js";
import { printable } from "./printable.js";

export {
  ConsfigError,
  codesOf,
  type ErrorClass,
  type ErrorFacts,
  isError,
} from "../../core/index.js";

// ---------------------------------------------------------------- the consfig and the command line

/** The consfig or the command line asks for something that cannot be. Nothing was contacted. */
export class UsageError extends ConsfigError {
  static override readonly code: string = "E_USAGE";
}
/** An argument does not satisfy its property's, combinator's or hop's schema. */
export class InvalidArgument extends UsageError {
  static override readonly code: string = "E_ARGUMENT";
}
/** A property, combinator or hop type is defined twice, inside a function, or after the consfig has loaded. */
export class InvalidDefinition extends UsageError {
  static override readonly code: string = "E_DEFINITION";
}
/** An id names no property, combinator or hop type that is loaded. */
export class UnknownDefinition extends UsageError {
  static override readonly code: string = "E_UNKNOWN";
}
/** A host named on the command line is not in the consfig. */
export class UnknownHost extends UsageError {
  static override readonly code: string = "E_UNKNOWN_HOST";
}
/** The words of the command line do not say which hosts are meant. */
export class InvalidSelection extends UsageError {
  static override readonly code: string = "E_SELECTION";
}
/** No consfig was found, or it does not compile or load. */
export class InvalidConsfig extends UsageError {
  static override readonly code: string = "E_CONSFIG_INVALID";
}
/** An inventory of another tool cannot be read, or says what cannot be understood. */
export class InvalidInventory extends UsageError {
  static override readonly code: string = "E_INVENTORY";
}
/** The host's hostattrs forbid a property: found before any connection is made. */
export class InapplicableProperty extends UsageError {
  static override readonly code: string = "E_INAPPLICABLE";
}

// ---------------------------------------------------------------- applying properties

/** A property could not be applied or unapplied; something may have been changed. */
export class FailedChange extends ConsfigError {
  static override readonly code: string = "E_FAILED";
}
/** A property was found impossible before anything was changed. */
export class AbortedChange extends FailedChange {
  static override readonly code: string = "E_ABORTED";
}
/** The propspec needs a Node image and the chain of hops ends in a POSIX shell. */
export class KindMismatch extends AbortedChange {
  static override readonly code: string = "E_KIND";
}
/** An executable that is made here could not be started again. */
export class WrongExecutionContextForImageDump extends AbortedChange {
  static override readonly code: string = "E_IMAGE_CONTEXT";
}
/** A command ended with a non-zero exit code or by a signal. */
export class CommandFailed extends FailedChange {
  static override readonly code: string = "E_COMMAND";
}
/** A command ran longer than its time limit and was ended. */
export class CommandTimedOut extends FailedChange {
  static override readonly code: string = "E_TIMEOUT";
}
/** A command printed nothing for longer than it may, and was ended. */
export class CommandSilent extends CommandTimedOut {
  static override readonly code: string = "E_COMMAND_SILENT";
}
/** A command printed more than its caller was ready to keep. */
export class OutputTooLarge extends FailedChange {
  static override readonly code: string = "E_OUTPUT";
}
/** A service does not answer as it should, in the time that it was given. */
export class Unhealthy extends FailedChange {
  static override readonly code: string = "E_UNHEALTHY";
}
/** A file to be read is not there. */
export class FileNotFound extends FailedChange {
  static override readonly code: string = "E_NO_FILE";
}
/** A file could not be read or written. */
export class FileFailed extends FailedChange {
  static override readonly code: string = "E_FILE";
}
/** A file is not any more what the new content was made from: somebody else has changed it. */
export class FileChanged extends FileFailed {
  static override readonly code: string = "E_FILE_CHANGED";
}
/** A property applied by another says new things of the host when it is too late to heed them. */
export class HostattrsTooLate extends ConsfigError {
  static override readonly code: string = "E_HOSTATTRS_LATE";
}
/** A property threw something that is no error of this system: a mistake in the property. */
export class BrokenProperty extends ConsfigError {
  static override readonly code: string = "E_BROKEN_PROPERTY";
}
/** No source of prerequisite data has the item. */
export class MissingData extends FailedChange {
  static override readonly code: string = "E_DATA";
}
/** A source of prerequisite data cannot be opened. */
export class MissingDataSource extends UsageError {
  static override readonly code: string = "E_DATA_SOURCE";
}

// ---------------------------------------------------------------- connections

/** A connection could not be made, or was lost. */
export class ConnectionFailed extends FailedChange {
  static override readonly code: string = "E_CONNECTION";
}
/** Nothing answers at the host's address, or its name does not resolve. */
export class HostUnreachable extends ConnectionFailed {
  static override readonly code: string = "E_UNREACHABLE";
}
/** The host refused every way to log in that was tried. */
export class AuthenticationFailed extends ConnectionFailed {
  static override readonly code: string = "E_AUTH";
}
/** The host's key is unknown, revoked, or not the one that is known. */
export class HostKeyRefused extends ConnectionFailed {
  static override readonly code: string = "E_HOST_KEY";
}
/** A hop after the first could not be entered. */
export class HopFailed extends ConnectionFailed {
  static override readonly code: string = "E_HOP";
}
/** An established connection ended before the work was done. */
export class ConnectionLost extends ConnectionFailed {
  static override readonly code: string = "E_LOST";
}
/** The far side sent something that is not of the session's protocol. */
export class SessionGarbled extends ConnectionFailed {
  static override readonly code: string = "E_GARBLED";
}
/** A host's deployment took longer than it may, and was cancelled. */
export class DeploymentTimedOut extends FailedChange {
  static override readonly code: string = "E_DEPLOYMENT_TIMEOUT";
}
/** The thread that carried out a host's deployment has ended, or does not answer. */
export class ThreadLost extends FailedChange {
  static override readonly code: string = "E_THREAD_LOST";
}
/** Somebody else is deploying the host. Nothing was changed there. */
export class LockHeld extends ConsfigError {
  static override readonly code: string = "E_LOCK_HELD";
}
/** The person, or the program that asked, cancelled. */
export class Cancelled extends ConsfigError {
  static override readonly code: string = "E_CANCELLED";
}

// ---------------------------------------------------------------- modules

/** A file of bundled modules is missing, or is not what it was when it was made. */
export class BrokenModules extends AbortedChange {
  static override readonly code: string = "E_MODULES";
}
/** A module was asked for that is only where the root process is. */
export class ModuleNotHere extends ConsfigError {
  static override readonly code: string = "E_MODULE_NOT_HERE";
}

/** An executable has been started by its own program, as if it were Node. */
export class ExecutableIsNoNode extends ConsfigError {
  static override readonly code: string = "E_NO_NODE";
}

// ---------------------------------------------------------------- journals of runs

/** The journal of a run cannot be written or read where it is to be. */
export class JournalFailed extends ConsfigError {
  static override readonly code: string = "E_JOURNAL";
}
/** What is kept as the journal of a run is none, begins with no whole record, or tells of no command. */
export class JournalDamaged extends JournalFailed {
  static override readonly code: string = "E_JOURNAL_DAMAGED";
}
/** No journal of the run that is named is kept. */
export class UnknownRun extends UsageError {
  static override readonly code: string = "E_UNKNOWN_RUN";
}
/** The run is not over: another process is still at it. */
export class RunGoesOn extends UsageError {
  static override readonly code: string = "E_RUN_GOES_ON";
}

/** The last lines of what a host printed, escaped, for an error's text. */
export function lastLines(output: string, count = 20): string {
  const lines = output.replace(/\r?\n$/, "").split(/\r?\n/);
  return lines.slice(-count).map(printable).join("\n");
}
