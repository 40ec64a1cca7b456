import type { Connattrs, Connection, HostLock } from "../connect/index.js";
import type { Chain, Direction, HopContext, Kind, Outcome, PreparedHost } from "../model/index.js";
import type { Reporter } from "../report/index.js";
import type { Traffic } from "../shell/index.js";

/** How a propspec is applied: what it is part of decides. */
export interface ApplyRequest {
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
export interface Endpoint {
  readonly kind: Kind;
  /** What reaching it and all since has cost in messages, where there are any. */
  readonly traffic: Traffic | undefined;
  /** @throws ConsfigError */
  apply(request: ApplyRequest): Promise<Outcome>;
  close(): Promise<void>;
}

/** Where hops start: at the end of a connection, or in this process, of which that much is known. */
export type Start = Connection | Connattrs;

/** Goes to the end of the hops. */
export type OpenEndpoint = (hops: Chain, context: HopContext, start: Start) => Promise<Endpoint>;
