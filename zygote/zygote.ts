import type { Duplex, Readable } from "node:stream";
import type { Semaphore } from "../core/index.js";

/** How a process ended. */
export interface End {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A grandchild, as whoever asked for it sees it. It has read nothing yet. */
export interface GrandchildHandle {
  readonly pid: number;
  /** The socket to the grandchild: what it reads goes in, and its reply comes out. */
  readonly conversation: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** How the process ended; rejects with ZygoteDied when nobody will ever know. */
  readonly ended: Promise<End>;
  /**
   * Sends a signal to the grandchild, and to all that it has started and that did not leave its
   * group.
   */
  kill(signal: NodeJS.Signals): void;
}

/** What a grandchild may do besides evaluating. */
export interface HowToSpawn {
  /** It may ask the very zygote that it comes from. */
  readonly isClient: boolean;
  /** What it has started may go on when it has ended. */
  readonly leavesProcesses: boolean;
}

/** Makes pristine processes, each for one request. */
export interface Zygote {
  /** How processes are made: as copies of a process, or as programs started anew. */
  readonly kind: "forked" | "execed";
  readonly pid: number | undefined;
  /** Whether caches of random numbers may have been filled before the processes came to be. */
  readonly staleRandomness: boolean;
  /** How many processes there may be at once; further requests wait. */
  readonly semaphore: Semaphore;
  /**
   * A new process, to which the messages are sent.
   *
   * @throws ZygoteDied, GrandchildRefused
   */
  spawn(messages: Buffer, how: HowToSpawn): Promise<GrandchildHandle>;
  /** Ends the zygote and all its processes, and waits for that. */
  close(): Promise<void>;
}
