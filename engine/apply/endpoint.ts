import type { Connattrs, Connection } from "../connect/index.js";
import type { Chain, Direction, HopContext, Kind, Outcome, PreparedHost } from "../model/index.js";
import type { Reporter } from "../report/index.js";
import type { Traffic } from "../shell/index.js";
import type { ApplyTerms } from "./terms.js";

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
  readonly terms: ApplyTerms;
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
