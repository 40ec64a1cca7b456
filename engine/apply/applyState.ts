import { Cancelled, type ConsfigError, isError, LockHeld } from "../base/index.js";
import type { Connection } from "../connect/index.js";
import type { Hostattrs, Outcome, PreparedHost } from "../model/index.js";
import type { ItemPlace, Reporter } from "../report/index.js";
import type { OpenEndpoint } from "./endpoint.js";
import type { CommandPlace } from "./hostReader.js";
import type { Lookahead } from "./lookahead.js";
import type { ApplyTerms } from "./terms.js";

/** What one application of a propspec shares with those inside it. */
export interface ApplyState {
  readonly host: PreparedHost;
  readonly connection: Connection;
  readonly openEndpoint: OpenEndpoint;
  readonly reporter: Reporter;
  readonly attrs: Hostattrs;
  readonly lookahead: Lookahead;
  readonly atEnd: ((outcome: Outcome) => Promise<void>)[];
  readonly signal: AbortSignal | undefined;
  readonly terms: ApplyTerms;
  /** Paths of what has been unapplied. */
  readonly undone: Set<string>;
  /** The host's lock: nothing may change, and no outcome is certain, before it is held. */
  readonly locked: Promise<void>;
  /** How often something has changed, or may have. */
  readonly changes: { count: number };
  /** Whether the lock is held by now. */
  readonly hold: { isHeld: boolean };
}

/** What has come of the parts of an item so far. */
export interface Account {
  /** What was told as failed inside it. */
  readonly failures: ConsfigError[];
  /** Whether something inside it has changed the host, or may have. */
  mayHaveChanged: boolean;
}

/** The account of an item that begins now. */
export function newAccount(): Account {
  return { failures: [], mayHaveChanged: false };
}

/** Where in the report, and in what surroundings, an application is. */
export interface ApplyPlace extends ItemPlace {
  /** Of the innermost item that the application is a part of. */
  readonly account: Account;
  readonly commands: CommandPlace;
  /** Codes of errors that an enclosing sequence takes for "not for here" and not for failures. */
  readonly forgives: readonly string[];
}

/** Why what has not begun will not be reached. */
export function reasonOf(error: unknown, otherwise: string): string {
  if (isError(error, Cancelled)) return "cancelled";
  return isError(error, LockHeld) ? "somebody else is deploying the host" : otherwise;
}
