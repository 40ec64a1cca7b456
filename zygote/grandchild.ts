/**
 * A grandchild's life, and the zygote's before it. One process goes through these states in order,
 * and forks into two at each arrow marked `+`:
 *
 *   root, or a grandchild after its prerequest
 *     + ZYGOTE      repaired; blocks in native code; knows no request
 *         + SPARE       waits for descriptors; has read nothing
 *         + SPAWNED     its standard streams and conversation are its own; has read nothing
 *             -> PREREQUEST   has read and evaluates the first message, if there is anything to evaluate
 *                  + a ZYGOTE of its own; without a prerequest that would be a copy of the one it
 *                    comes from, so it asks that one
 *                  -> REQUEST     has read the second message, evaluates it
 *                       -> ENDED      replied, then _exit
 *
 * Invariants:
 *   1. A request is read only by the process that evaluates it, and after its zygote was forked.
 *   2. Only a process with one thread and nothing pending in its event loop becomes a ZYGOTE.
 *   3. No state returns to the code that called {@link forkZygote} in the process forked from; from
 *      the fork on, a copy runs what is here and the forms, and ends by `_exit`.
 */
import { closeSync, readdirSync } from "node:fs";
import net from "node:net";
import type { z } from "zod";
import { openConversation } from "./conversation.js";
import { becomeGrandchild, setZygote } from "./current.js";
import { FrameRejected, ZygoteRefused } from "./errors.js";
import {
  failWith,
  installEnding,
  keepAlive,
  openReply,
  pendingResources,
  succeed,
} from "./exit.js";
import { ForkedZygote } from "./forkedZygote.js";
import { evaluateForm } from "./form.js";
import { readFrame } from "./frames.js";
import { native } from "./native.js";
import { prerequestMessage, requestMessage } from "./protocol.js";
import { removeHandlers, repairForChildren, repairIdentity, useUpRandomCaches } from "./repair.js";
import { warmUp } from "./warmUp.js";

/** The process's end of a new zygote. */
export interface ZygoteEnd {
  readonly control: number;
  readonly pid: number;
}

let isRepaired = false;

/**
 * Forks a zygote out of this process. Returns undefined in each grandchild of it, which is on its
 * way already: the caller must do nothing more there but return to the event loop.
 */
export function forkZygote(spares: number): ZygoteEnd | undefined {
  const [ours, theirs] = native().socketpair();
  const pid = native().fork();
  if (pid > 0) {
    closeSync(theirs);
    return { control: ours, pid };
  }
  try {
    live(beZygote(theirs, spares));
  } catch {
    // The error must not reach the code that called us, which is the business of another process.
    native().exit(zygoteBrokenExitCode);
  }
  return undefined;
}

/**
 * Serves at that socket: for ever in this process. It returns in each child, with the child's
 * descriptors.
 */
export function beZygote(control: number, spares: number): readonly number[] {
  try {
    native().becomeZygote();
    native().closeAllBut([control]);
    // This is done for each zygote: a prerequest may have added handlers, for its own process alone.
    removeHandlers();
    if (!isRepaired) {
      repairForChildren();
      installEnding();
      native().shrinkHeap();
      // The warm-up comes last, since collecting drops code that was compiled and is not in use.
      warmUp(20);
      isRepaired = true;
    }
    return native().serve(control, spares);
  } catch {
    // There is nobody to tell: the client sees the socket end, and this code.
    return native().exit(zygoteBrokenExitCode);
  }
}

/** The exit code of a zygote that could not begin to serve. */
export const zygoteBrokenExitCode = 70;

/**
 * Lives as a grandchild that has these descriptors: of a spare, only the one by which it gets the
 * others.
 */
export function live(descriptors: readonly number[]): void {
  const [socket, stdout, stderr, zygote] = descriptors;
  if (socket !== undefined && stdout !== undefined && stderr !== undefined) {
    begin(socket, stdout, stderr, zygote);
    return;
  }
  repairIdentity();
  // Going through it all once beforehand, and a turn of the event loop, spare the request their
  // cost: nearly all of it is copying pages that are touched for the first time.
  warmUp(1);
  setImmediate(() => {
    const given = native().receive(socket as number);
    if (given.length < 3) native().exit(0); // the zygote is gone
    closeSync(socket as number);
    live(given);
  });
}

function begin(conversation: number, stdout: number, stderr: number, zygote?: number): void {
  becomeGrandchild();
  native().dup2(stdout, 1);
  native().dup2(stderr, 2);
  closeSync(stdout);
  closeSync(stderr);
  repairIdentity();
  openReply(conversation);
  const write = (frame: Buffer) => native().write(conversation, frame);
  openConversation({ write });
  attempt(() => {
    const prerequest = read(conversation, prerequestMessage);
    if (prerequest.staleRandomness) useUpRandomCaches();
    if (!prerequest.leavesProcesses) native().adoptOrphans();
    if (zygote !== undefined) {
      const { staleRandomness } = prerequest;
      setZygote(new ForkedZygote({ control: zygote, pid: process.ppid }, { staleRandomness }));
    }
    afterwards(prerequest.form && evaluateForm(prerequest.form), () => {
      if (prerequest.nested && !makeNestedZygote()) return;
      const request = read(conversation, requestMessage);
      openConversation({ write, listen: (take) => listeningAt(conversation, take) });
      afterwards(evaluateForm(request.form), succeed);
    });
  });
}

function listeningAt(conversation: number, take: (bytes: Buffer) => void): net.Socket {
  return new net.Socket({ fd: conversation, readable: true, writable: false }).on("data", take);
}

/** Forks a zygote out of this grandchild. False in the grandchildren of that zygote. */
function makeNestedZygote(): boolean {
  const pending = pendingResources();
  if (pending.length > 0) {
    throw new ZygoteRefused(
      "nothingPending",
      `the prerequest left something pending: ${pending.join(", ")}`,
      "let the prerequest wait for all it begins, or do it in the request",
    );
  }
  assertOneThread();
  const end = forkZygote(0);
  // The prerequest may have filled the caches of random numbers.
  if (end) setZygote(new ForkedZygote(end, { staleRandomness: true }));
  return end !== undefined;
}

/** @throws ZygoteRefused */
function assertOneThread(): void {
  if (hasOneThread()) return;
  throw new ZygoteRefused(
    "threads",
    "the prerequest has started threads",
    "use the synchronous functions of node:fs, node:crypto and node:zlib in a prerequest",
  );
}

/** Needs no /proc: the kernel grants this call, which does nothing, only to a process with one thread. */
function hasOneThread(): boolean {
  const cloneThread = 0x00010000;
  try {
    native().unshare(cloneThread);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EINVAL") return false;
  }
  try {
    return readdirSync("/proc/self/task").length === 1; // a sandbox such as Docker's forbids that call
  } catch {
    return true;
  }
}

function read<M>(fd: number, schema: z.ZodType<M>): M {
  const message = schema.safeParse(readFrame((bytes) => native().read(fd, bytes)));
  if (message.success) return message.data;
  throw new FrameRejected(`a message is not of the protocol: ${message.error.message}`);
}

/** Calls `next` at once when it can: a turn of the event loop is the dearest part of a short request. */
function afterwards<T>(value: T | PromiseLike<T>, next: (value: T) => void): void {
  if (!isThenable(value)) {
    next(value);
    return;
  }
  keepAlive();
  value.then((settled) => attempt(() => next(settled)), failWith);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    failWith(thrown);
  }
}
