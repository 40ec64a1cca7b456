import { setTimeout as sleep } from "node:timers/promises";
import {
  AuthenticationFailed,
  ConnectionFailed,
  ConsfigError,
  HopFailed,
  HostKeyRefused,
  isError,
  SessionGarbled,
} from "../base/index.js";

const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/**
 * No other attempt is made after these: somebody has to do something first, or a password would be
 * tried again.
 */
const final = [AuthenticationFailed, HostKeyRefused, HopFailed, SessionGarbled];

/** How often it is tried again, and who is told. */
interface Retrying {
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  tell(about: { attempt: number; afterMs: number; error: ConsfigError }): void;
}

/**
 * What `connect` gives. It is called again where nothing answered or contact was lost: after pauses that
 * double and have a random length, so that hosts turned away together do not come back together.
 */
export async function again<T>(
  connect: () => Promise<T>,
  { retries, signal, tell }: Retrying,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      if (attempt > retries || signal?.aborted || !mayPass(error)) throw error;
      const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
      const afterMs = Math.round(most * (0.5 + Math.random() / 2));
      tell({ attempt: attempt + 1, afterMs, error });
      // If it is cancelled meanwhile the next attempt says so.
      await sleep(afterMs, undefined, signal ? { signal } : {}).catch(() => {});
    }
  }
}

/** Whether another attempt may succeed, without anybody doing anything about it. */
function mayPass(error: unknown): error is ConsfigError {
  return (
    error instanceof ConsfigError &&
    isError(error, ConnectionFailed) &&
    !final.some((one) => isError(error, one))
  );
}
