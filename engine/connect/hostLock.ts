import { setTimeout as sleep } from "node:timers/promises";
import { Cancelled, LockHeld } from "../base/index.js";
import { tryLock } from "../shell/index.js";
import type { Connection } from "./connection.js";

/** The lock that a deployment holds on its host, of that name, as long as it lasts. */
export interface HostLock {
  readonly name: string;
  /** Who holds it, in words for whoever finds it held. */
  readonly holder: string;
  /** How long it may be waited for. 0: not at all. */
  readonly waitMs: number;
}

const pollMs = 1000;

/**
 * The session at the end of the connection has the lock, until it ends, however that comes; or the
 * person was told why it cannot be had there. Whether somebody else had it before and was waited for.
 *
 * @throws LockHeld, Cancelled, ConnectionFailed
 */
export async function takeLock(
  { shell, context, description }: Connection,
  { name, holder, waitMs }: HostLock,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const end = performance.now() + waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const answer = await tryLock(shell, name, holder, signal);
    if (answer.state === "taken") return !isFirst;
    if (answer.state === "none") {
      context.report(1, `${description}: deployed without a lock: ${answer.why}`);
      return !isFirst;
    }
    const { holder: who, since } = answer;
    const by = `by ${who || "somebody"}${since && `, since ${since}`}`;
    if (performance.now() >= end) {
      throw new LockHeld(`${name} is being deployed ${by}`, {
        host: name,
        chain: description,
        holder: who,
        since,
        hint: "wait until that is over: its lock is free as soon as it has ended, whatever ended it",
      });
    }
    if (isFirst) context.report(1, `waiting for the lock of ${name}, held ${by}`);
    await sleep(Math.min(pollMs, end - performance.now()), undefined, {
      ...(signal && { signal }),
    }).catch(() => {
      throw new Cancelled(`cancelled: waiting for the lock of ${name}`);
    });
  }
}
