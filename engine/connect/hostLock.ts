import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Cancelled, LockHeld } from "../base/index.js";
import { tryLock } from "../shell/index.js";
import type { Connection } from "./connection.js";

/** The lock that a deployment holds on its host as long as the deployment lasts. */
export const hostLock = z.strictObject({
  /** Who holds it, in words for whoever finds it held. */
  holder: z.string(),
  /** How long a lock that somebody else holds may be waited for. 0: not at all. */
  waitMs: z.number(),
});

/** See {@link hostLock}. */
export type HostLock = Readonly<z.infer<typeof hostLock>>;

const pollMs = 1000;

/**
 * Takes the lock of the host that the chain leads to, for the session at the end of the connection,
 * which has it until the session ends, whatever ends it. Where no lock can be had the person is told
 * why, and there is none. The result: whether somebody else had the lock before and was waited for.
 *
 * @throws LockHeld, Cancelled, ConnectionFailed
 */
export async function takeLock(
  { shell, context, description }: Connection,
  { holder, waitMs }: HostLock,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { hostname: name } = context;
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
