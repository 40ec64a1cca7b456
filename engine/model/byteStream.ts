import type { Readable, Writable } from "node:stream";
import type { ConnectionFailed } from "../base/index.js";

/** How a byte stream ended. It has no members when this side has ended the program, or nobody knows. */
export interface StreamEnd {
  /** Exit code of the program at the far end, where the transport tells. */
  readonly exitCode?: number;
  /** Signal that ended it, where the transport tells. */
  readonly signal?: string;
  /** Set when the transport itself failed: lost, refused, garbled. */
  readonly error?: ConnectionFailed;
}

/** A program running at the end of a transport: what it reads and what it prints. */
export interface ByteStream {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * Settles when the program has ended and what it printed has been read, or contact is lost; never
   * rejects.
   */
  readonly ended: Promise<StreamEnd>;
  /** Ends it at once, from this side. */
  destroy(): void;
}

/** A way to one machine that can start programs there: the first hop of a chain. */
export interface Transport {
  /** For people, e.g. `ssh root@web1 (ssh2)`. */
  readonly description: string;
  /**
   * Starts a program there. `command` is text for the login shell of the account, whatever that
   * shell is, so it is kept to `exec` and quoted words. The signal ends the opening, and may end the
   * stream afterwards.
   */
  open(command: string, signal?: AbortSignal): Promise<ByteStream>;
  /** Ends every stream and the contact itself. Safe to call twice. */
  close(): Promise<void>;
}
