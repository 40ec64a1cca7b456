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
/** Somebody has to do something first; and a password must not be tried again and again. */
const final = [AuthenticationFailed, HostKeyRefused, HopFailed, SessionGarbled];

/** How often, and who is told. */
interface Retrying {
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  tell(about: { attempt: number; afterMs: number; error: ConsfigError }): void;
}

/**
 * What the attempt to connect gives, which is made again where it was no answer at all: with pauses
 * that double, of random length, so that hosts turned away together do not come back together.
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
      // Cancelled meanwhile: the next attempt says so.
      await sleep(afterMs, undefined, signal ? { signal } : {}).catch(() => {});
    }
  }
}

/** Whether it may be otherwise the next time, without anybody doing anything about it. */
function mayPass(error: unknown): error is ConsfigError {
  return (
    error instanceof ConsfigError &&
    isError(error, ConnectionFailed) &&
    !final.some((one) => isError(error, one))
  );
}
