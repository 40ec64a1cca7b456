import type { Connattrs } from "../connect/connattrs.js";
import type { Connection } from "../connect/connection.js";
import type { HostLock } from "../connect/hostLock.js";
import type { Chain, HopContext } from "../model/hop.js";
import type { Kind, Outcome } from "../model/propspec.js";
import type { PreparedHost } from "../prepare/prepare.js";
import type { Traffic } from "../report/events.js";
import type { Reporter } from "../report/reporter.js";

/** Whether properties are applied or unapplied. */
export type Direction = "apply" | "unapply";

/** How a propspec is applied: what it is part of decides. */
export interface Errand {
  readonly host: PreparedHost;
  readonly direction: Direction;
  readonly reporter: Reporter;
  readonly signal: AbortSignal | undefined;
  /** How many items of the report it is inside of. */
  readonly depth: number;
  /** Whether only failures are shown. */
  readonly silent: boolean;
  /** What its items' paths begin with: those of another host begin anew inside it. */
  readonly within: string;
  /** A command that prints nothing for so long is ended. */
  readonly silenceMs?: number | undefined;
  /** What must be held before anything is changed. Left out: nothing, or it is held already. */
  readonly lock?: HostLock | undefined;
  /** What is known to have been done of it before. */
  readonly earlier?: Earlier;
}

/** What a run that did not come to its end is known to have done of the same deployment. */
export interface Earlier {
  /** How items ended, by their paths; `-` at the end of one: it was unapplied. */
  readonly ended: Readonly<Record<string, Outcome>>;
  /** Whether it may have done more than is known. */
  readonly interrupted: boolean;
}

/** Where a chain of hops leads: something that can apply a host's propspec there. */
export interface FarEnd {
  readonly kind: Kind;
  /** What reaching it and all since has cost in messages, where there are any. */
  readonly traffic: Traffic | undefined;
  /** @throws ConsfigError */
  carryOut(errand: Errand): Promise<Outcome>;
  close(): Promise<void>;
}

/** Where hops start: at the end of a connection, or in this process, of which that much is known. */
export type Start = Connection | Connattrs;

/** What leads to the end of the hops. */
export type Reach = (hops: Chain, context: HopContext, start: Start) => Promise<FarEnd>;
