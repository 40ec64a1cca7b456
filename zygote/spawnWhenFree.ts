import type { GrandchildHandle, Zygote } from "./zygote.js";

/** A new process of the zygote, as soon as there are not too many others. */
export async function spawnWhenFree(
  zygote: Zygote,
  messages: Buffer,
  isClient: boolean,
  signal: AbortSignal | undefined,
): Promise<GrandchildHandle> {
  const release = await zygote.semaphore.take(signal);
  const grandchild = zygote.spawn(messages, isClient);
  grandchild.then(({ ended }) => ended.then(release, release), release);
  return signal ? unlessAborted(grandchild, signal) : grandchild;
}

/** Whoever gives up does not wait for a zygote that is busy or was stopped. */
async function unlessAborted(
  grandchild: Promise<GrandchildHandle>,
  signal: AbortSignal,
): Promise<GrandchildHandle> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      grandchild.then(discard, () => {});
      reject(signal.reason as Error);
    };
  });
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([grandchild, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function discard({ conversation, stdout, stderr, kill }: GrandchildHandle): void {
  kill("SIGKILL");
  for (const stream of [conversation, stdout, stderr]) stream.destroy();
}
