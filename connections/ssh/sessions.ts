import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionFailed, isError, printable } from "../../engine/index.js";
import { factsOf, placeOf } from "./failures.js";
import type { Stop } from "./route.js";

const reason = "session refused";
/** How long a host may still count a program that has ended, as experience shows. */
const lingerMs = 1000;

/** The host does not start another program on this connection. */
export function sessionRefused(stop: Stop, running: number, what: string): ConnectionFailed {
  return new ConnectionFailed(
    `${placeOf(stop)} refused to start another program (${running} are running): ${printable(what)}`,
    {
      ...factsOf(stop),
      reason,
      running,
      hint: "end one first, or raise MaxSessions in its sshd_config (10 unless set)",
    },
  );
}

/**
 * Starts a program, again if it is refused while one that has just ended may still count.
 *
 * @param lastEnd when a program on the connection has ended last, by `performance.now()`.
 */
export async function startSession<T>(lastEnd: () => number, start: () => Promise<T>): Promise<T> {
  for (let pause = 25; ; pause *= 2) {
    try {
      return await start();
    } catch (error) {
      const refused = isError(error, ConnectionFailed) && error.facts.reason === reason;
      if (!refused || performance.now() - lastEnd() > lingerMs) throw error;
    }
    await sleep(pause);
  }
}
