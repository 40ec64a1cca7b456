import { onAbort, withResolvers } from "../core/index.js";
import type { GrandchildHandle, HowToSpawn, Zygote } from "./zygote.js";

/** A new process of the zygote, as soon as there are not too many others. */
export async function spawnWhenFree(
  zygote: Zygote,
  messages: Buffer,
  how: HowToSpawn,
  signal: AbortSignal | undefined,
): Promise<GrandchildHandle> {
  const release = await zygote.semaphore.take(signal);
  const grandchild = zygote.spawn(messages, how);
  grandchild.then(({ ended }) => ended.then(release, release), release);
  return signal ? unlessAborted(grandchild, signal) : grandchild;
}

/** Whoever gives up does not wait for a zygote that is busy or was stopped. */
async function unlessAborted(
  grandchild: Promise<GrandchildHandle>,
  signal: AbortSignal,
): Promise<GrandchildHandle> {
  const aborted = withResolvers<never>();
  const stop = onAbort(signal, () => {
    grandchild.then(discard, () => {});
    aborted.reject(signal.reason);
  });
  try {
    return await Promise.race([grandchild, aborted.promise]);
  } finally {
    stop();
  }
}

function discard({ conversation, stdout, stderr, kill }: GrandchildHandle): void {
  kill("SIGKILL");
  for (const stream of [conversation, stdout, stderr]) stream.destroy();
}
